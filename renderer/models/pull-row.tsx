/** One download: its bar, its figures, each file on demand, and what can be done in its state. */

import prettyBytes from 'pretty-bytes';
import type { Pull } from '../../engine/protocol';
import { useStudio } from '../state/studio-context';
import { Problem, ProblemCode } from '../ui/parts/problem';
import { sentence } from '../ui/text/format';
import { ConfirmDelete } from './confirm-delete';
import { pullName, pullWords, shareDone } from './pull-words';
import { useOpenObstacle } from './use-open-obstacle';
import './model-row.css';

export function PullRow({ pull }: { pull: Pull }) {
  const { models } = useStudio();
  const { id, dtype, state, files, problem } = pull;
  const name = pullName(pull);
  const share = shareDone(pull);

  return (
    <li className="pull" data-testid="pull" data-state={state}>
      <div className="pull__head">
        <button
          type="button"
          className="model-row__name"
          title="Show its card"
          onClick={() => void models.inspect({ model: id, dtype })}
        >
          {name}
        </button>
        <PullActions pull={pull} />
      </div>
      {state !== 'done' && (
        <progress aria-label={`Download of ${name}`} {...(share !== null && { value: share, max: 1 })} />
      )}
      <p className="model-row__facts" data-testid="pull-words">
        {pullWords(pull)}
      </p>
      {problem && state === 'failed' && (
        <Problem message={problem.message} hint={problem.hint} code={problem.code} testId="pull-error" />
      )}
      {problem && state === 'downloading' && (
        <p className="pull__waits">
          {sentence(problem.message)} {problem.hint}
          <ProblemCode code={problem.code} />
        </p>
      )}
      {files.length > 0 && state !== 'done' && (
        <details className="pull__files">
          <summary>{files.length} files</summary>
          <table>
            <tbody>
              {files.map((file) => (
                <tr key={file.path}>
                  <th scope="row" className="mono">
                    {file.path}
                  </th>
                  <td>
                    {prettyBytes(file.done)} of {prettyBytes(file.bytes)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
    </li>
  );
}

function PullActions({ pull }: { pull: Pull }) {
  const { models } = useStudio();
  const { pullId, state } = pull;
  const name = pullName(pull);
  if (state === 'downloading' || state === 'verifying') {
    return (
      <button
        type="button"
        className="button"
        aria-label={`Pause the download of ${name}`}
        onClick={() => void models.pause(pullId)}
      >
        Pause
      </button>
    );
  }
  return state === 'done' ? <Finished pull={pull} /> : <Interrupted pull={pull} />;
}

function Finished({ pull }: { pull: Pull }) {
  const { models } = useStudio();
  const obstacle = useOpenObstacle();
  const name = pullName(pull);
  return (
    <>
      <button
        type="button"
        className="button"
        aria-label={`Open ${name} now`}
        disabled={obstacle !== null}
        title={obstacle ?? 'Open it for runs'}
        onClick={() => void models.openPulled(pull)}
      >
        Open now
      </button>
      <button
        type="button"
        className="button button--quiet"
        aria-label={`Dismiss ${name}`}
        onClick={() => models.dismiss(pull.pullId)}
      >
        ✕
      </button>
    </>
  );
}

function Interrupted({ pull }: { pull: Pull }) {
  const { models } = useStudio();
  const { id, dtype, state } = pull;
  const name = pullName(pull);
  return (
    <>
      <button
        type="button"
        className="button"
        aria-label={`${state === 'paused' ? 'Resume' : 'Try again'}: download of ${name}`}
        onClick={() => void models.pull(pull)}
      >
        {state === 'paused' ? 'Resume' : 'Try again'}
      </button>
      <ConfirmDelete
        label={`Discard the download of ${name}…`}
        verb="Discard"
        title={`Discard the download of ${name}?`}
        text={
          dtype === null
            ? `This deletes all that is here of ${id}, ${prettyBytes(pull.done)} of this download included.`
            : `This deletes the ${prettyBytes(pull.done)} that have come so far.`
        }
        onConfirm={() => void models.remove(id, dtype)}
      />
    </>
  );
}
