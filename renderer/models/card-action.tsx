/** What can be done with the dtype of a card: open it, or download it, or follow its download; and delete it. */

import prettyBytes from 'pretty-bytes';
import type { ModelCard } from '../../engine/protocol';
import { modelFailureOf } from '../state/model-state';
import { useAppState, useStudio } from '../state/studio-context';
import { Problem } from '../ui/parts/problem';
import { ConfirmDelete } from './confirm-delete';
import { pullWords } from './pull-words';
import { useOpenObstacle } from './use-open-obstacle';

export function CardAction({ card }: { card: ModelCard }) {
  const missing = card.files.filter(({ isHere }) => !isHere).reduce((sum, file) => sum + file.bytes, 0);
  return missing > 0 ? <Download card={card} missing={missing} /> : <Open card={card} />;
}

interface DownloadProps {
  readonly card: ModelCard;
  /** Bytes that are not here. */
  readonly missing: number;
}

function Download({ card: { name, dtype, refusal }, missing }: DownloadProps) {
  const { models } = useStudio();
  const pull = useAppState((state) =>
    state.models.pulls.find((each) => each.id === name && each.dtype === dtype),
  );
  if (pull && pull.state !== 'done') return <p className="muted">{pullWords(pull)}</p>;
  return (
    <button
      type="button"
      className="button button--primary"
      data-testid="download"
      disabled={refusal !== null}
      title={refusal ? 'It could not be run; see below.' : 'Into the Hugging Face cache'}
      onClick={() => void models.pull({ id: name, dtype })}
    >
      Download {dtype} ({prettyBytes(missing)})
    </button>
  );
}

function Open({ card }: { card: ModelCard }) {
  const { models, control } = useStudio();
  const { source, model, dtype, refusal } = card;
  const obstacle = useOpenObstacle();
  const failure = useAppState(({ model: chosen, modelChoice }) =>
    (modelChoice.folder || null) === model && (modelChoice.dtype || dtype) === dtype
      ? modelFailureOf(chosen)
      : null,
  );
  const isOpening = useAppState(
    ({ model: chosen, modelChoice }) =>
      chosen.state === 'opening' &&
      (modelChoice.folder || null) === model &&
      (modelChoice.dtype || dtype) === dtype,
  );
  return (
    <>
      <button
        type="button"
        className="button button--primary"
        data-testid="open"
        disabled={refusal !== null || obstacle !== null || isOpening}
        title={refusal ? 'It cannot be run; see below.' : (obstacle ?? 'Open it for runs')}
        onClick={() => void models.open(model, dtype)}
      >
        {isOpening ? `Opening ${dtype}…` : `Open with ${dtype}`}
      </button>
      {isOpening && (
        <button
          type="button"
          className="button"
          data-testid="cancel-opening"
          onClick={() => void control.cancel()}
        >
          Cancel
        </button>
      )}
      {source === 'cache' && <InCache card={card} />}
      {failure && (
        <Problem message={failure.message} hint={failure.hint} code={failure.code} testId="open-error" />
      )}
    </>
  );
}

/** What only a model in the cache has: weights that can go, and a card on the hub. */
function InCache({ card: { model, name, dtype, dtypes } }: { card: ModelCard }) {
  const { models } = useStudio();
  const isOffline = useAppState((state) => state.models.hub?.isOffline ?? true);
  const own = dtypes.filter(({ madeOf }) => madeOf === undefined);
  const size = own.find((each) => each.dtype === dtype)?.bytes;
  return (
    <>
      {own.length > 1 && size !== undefined && (
        <ConfirmDelete
          label={`Delete ${dtype} of ${name}…`}
          title={`Delete ${dtype} of ${name} from the cache?`}
          text={`This frees about ${prettyBytes(size)}, for every tool that uses this cache. It can be downloaded again.`}
          onConfirm={() => void models.remove(name, dtype)}
        />
      )}
      {!isOffline && (
        <button
          type="button"
          className="button button--quiet"
          title="Read its card on the hub, with the weights that are not here"
          onClick={() => void models.inspect({ model, dtype: null, onHub: true })}
        >
          More on the hub…
        </button>
      )}
    </>
  );
}
