/** One model on this machine: what it is, what is wrong with it, and what can be done. */

import prettyBytes from 'pretty-bytes';
import { useState } from 'react';
import type { Failure, ModelEntry } from '../../engine/protocol';
import { openModelOf } from '../state/model-state';
import { useAppState, useStudio } from '../state/studio-context';
import { ProblemCode } from '../ui/parts/problem';
import { sentence } from '../ui/text/format';
import { ConfirmDelete } from './confirm-delete';
import { useOpenObstacle } from './use-open-obstacle';
import './model-row.css';

export function EntryRow({ entry }: { entry: ModelEntry }) {
  const { models } = useStudio();
  const { source, model, name, folder, family, problem } = entry;
  const isShown = useAppState(({ models: { shown } }) => shown !== null && shown.subject.model === model);
  const openDtype = useAppState(({ model: chosen, modelChoice }) =>
    (modelChoice.folder || null) === model ? (openModelOf(chosen)?.dtype ?? null) : null,
  );
  const [chosen, setChosen] = useState('');
  const facts = [family, problem ? null : prettyBytes(entry.bytes, { nonBreakingSpace: true })];

  return (
    <li className="model-row" data-testid="entry" data-shown={isShown}>
      <div className="model-row__main">
        <button
          type="button"
          className="model-row__name"
          aria-current={isShown}
          title={folder}
          onClick={() => void models.inspect({ model, dtype: chosen || null })}
        >
          {name}
        </button>
        {openDtype !== null && <span className="model-row__mark">open: {openDtype}</span>}
        <p className="model-row__facts">{facts.filter(Boolean).join(' · ')}</p>
        {source === 'folder' && <p className="model-row__facts mono">{folder}</p>}
        {problem ? <EntryProblem problem={problem} /> : <Weights entry={entry} />}
      </div>
      <div className="model-row__actions">
        {!problem && <OpenEntry entry={entry} chosen={chosen} onChoose={setChosen} />}
        <TakeAway entry={entry} />
      </div>
    </li>
  );
}

function Weights({ entry: { name, dtypes } }: { entry: ModelEntry }) {
  return (
    <ul className="model-row__dtypes" aria-label={`Weights of ${name}`}>
      {dtypes.map(({ dtype, bytes }) => (
        <li key={dtype}>
          <span className="mono">{dtype}</span> {prettyBytes(bytes)}
        </li>
      ))}
    </ul>
  );
}

function EntryProblem({ problem: { code, message, hint } }: { problem: Failure }) {
  return (
    <p className="model-row__problem" data-testid="entry-problem">
      <span className="problem__sign" aria-hidden="true">
        !
      </span>
      <span>
        <strong>{sentence(message)}</strong> {hint}
        <ProblemCode code={code} />
      </span>
    </p>
  );
}

interface OpenEntryProps {
  readonly entry: ModelEntry;
  /** A dtype; empty is the model's default. */
  readonly chosen: string;
  readonly onChoose: (dtype: string) => void;
}

function OpenEntry({ entry: { model, name, dtypes }, chosen, onChoose }: OpenEntryProps) {
  const { models } = useStudio();
  const obstacle = useOpenObstacle();
  return (
    <>
      {dtypes.length > 1 && (
        <select
          value={chosen}
          aria-label={`Weights to open ${name} with`}
          onChange={({ target }) => onChoose(target.value)}
        >
          <option value="">default</option>
          {dtypes.map(({ dtype }) => (
            <option key={dtype}>{dtype}</option>
          ))}
        </select>
      )}
      <button
        type="button"
        className="button"
        aria-label={`Open ${name}`}
        disabled={obstacle !== null}
        title={obstacle ?? 'Open it for runs'}
        onClick={() => void models.open(model, chosen || null)}
      >
        Open
      </button>
    </>
  );
}

/** Off the list, or off the disk; the starter stays. */
function TakeAway({ entry: { source, model, name, folder, bytes } }: { entry: ModelEntry }) {
  const { models } = useStudio();
  if (source === 'folder') {
    return (
      <button
        type="button"
        className="button button--quiet"
        aria-label={`Take ${name} off the list`}
        title="Take it off the list; its files stay"
        onClick={() => void models.forgetFolder(folder)}
      >
        Forget
      </button>
    );
  }
  if (source !== 'cache' || model === null) return null;
  return (
    <ConfirmDelete
      label={`Delete ${name}…`}
      title={`Delete ${name} from the cache?`}
      text={`This frees about ${prettyBytes(bytes)}: every dtype of it that is here, for every tool that uses this cache. It can be downloaded again.`}
      onConfirm={() => void models.remove(model, null)}
    />
  );
}
