/** Weights that were prepared on this machine: what they take, whether they will be used again, and deleting them. */
import prettyBytes from 'pretty-bytes';
import { useId } from 'react';
import type { PreparedModel } from '../../engine/protocol';
import { useAppState, useStudio } from '../state/studio-context';
import { ConfirmDelete } from './confirm-delete';
import './model-row.css';

export function PreparedSection() {
  const id = useId();
  const prepared = useAppState((state) => state.models.prepared);
  if (!prepared || prepared.prepared.length === 0) return null;
  return (
    <section aria-labelledby={id} data-testid="prepared">
      <h3 id={id} className="models__source" title={prepared.folder}>
        Prepared weights
      </h3>
      <ul className="models__list">
        {prepared.prepared.map((entry) => (
          <PreparedRow key={entry.key} entry={entry} />
        ))}
      </ul>
    </section>
  );
}

function PreparedRow({ entry }: { entry: PreparedModel }) {
  const { models } = useStudio();
  const { name, source, bytes, isUsed, problem } = entry;
  const shown = name ?? 'Damaged';
  return (
    <li className="model-row" data-testid="prepared-row">
      <div className="model-row__main">
        <span className="model-row__title">{shown}</span>
        {isUsed && <span className="model-row__mark">open</span>}
        <p className="model-row__facts">{prettyBytes(bytes, { nonBreakingSpace: true })}</p>
        {source !== null && <p className="model-row__facts mono">{source}</p>}
        {problem !== null && <p className="model-row__facts">Not used any more: {problem}.</p>}
      </div>
      <div className="model-row__actions">
        {!isUsed && (
          <ConfirmDelete
            label={`Delete what was prepared of ${shown}…`}
            title={`Delete what was prepared of ${shown}?`}
            text={`This frees ${prettyBytes(bytes)}. The model itself stays; it is prepared again when it is next opened.`}
            onConfirm={() => void models.removePrepared(entry)}
          />
        )}
      </div>
    </li>
  );
}
