/** One model on this machine: what it is, what is wrong with it, and what can be done. */

import prettyBytes from 'pretty-bytes';
import { useId, useState } from 'react';
import type { ModelEntry } from '../../engine/protocol';
import { openModelOf } from '../state/model-state';
import { useAppState, useStudio } from '../state/studio-context';
import { sentence } from '../ui/text/format';
import { ConfirmDelete } from './confirm-delete';
import { useOpenObstacle } from './use-open-obstacle';
import './model-row.css';

const SOURCES = {
  starter: 'comes with the app',
  cache: 'Hugging Face cache',
  folder: 'added folder',
} as const;

export function EntryRow({ entry }: { entry: ModelEntry }) {
  const { models } = useStudio();
  const { source, model, name, folder, family, dtypes, problem } = entry;
  const isShown = useAppState(({ models: { shown } }) => shown !== null && shown.subject.model === model);
  const openDtype = useAppState(({ model: chosen, modelChoice }) =>
    (modelChoice.folder || null) === model ? (openModelOf(chosen)?.dtype ?? null) : null,
  );
  const [chosen, setChosen] = useState('');
  const obstacle = useOpenObstacle();
  const id = useId();
  const facts = [
    family,
    SOURCES[source],
    problem ? null : prettyBytes(entry.bytes, { nonBreakingSpace: true }),
  ];

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
        {!problem && (
          <ul className="model-row__dtypes" aria-label={`Weights of ${name}`}>
            {dtypes.map(({ dtype, bytes: size }) => (
              <li key={dtype}>
                <span className="mono">{dtype}</span> {prettyBytes(size)}
              </li>
            ))}
          </ul>
        )}
        {problem && (
          <p className="model-row__problem" data-testid="entry-problem" id={`${id}-problem`}>
            <span className="problem__sign" aria-hidden="true">
              !
            </span>
            <span>
              <strong>{sentence(problem.message)}</strong> {problem.hint}
            </span>
          </p>
        )}
      </div>
      <div className="model-row__actions">
        {!problem && dtypes.length > 1 && (
          <select
            value={chosen}
            aria-label={`Weights to open ${name} with`}
            onChange={({ target }) => setChosen(target.value)}
          >
            <option value="">default</option>
            {dtypes.map(({ dtype }) => (
              <option key={dtype}>{dtype}</option>
            ))}
          </select>
        )}
        {!problem && (
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
        )}
        {source === 'folder' && (
          <button
            type="button"
            className="button button--quiet"
            aria-label={`Take ${name} off the list`}
            title="Take it off the list; its files stay"
            onClick={() => void models.forgetFolder(folder)}
          >
            Forget
          </button>
        )}
        {source === 'cache' && model !== null && (
          <ConfirmDelete
            label={`Delete ${name}…`}
            title={`Delete ${name} from the cache?`}
            text={`This frees about ${prettyBytes(entry.bytes)}: every dtype of it that is here, for every tool that uses this cache. It can be downloaded again.`}
            onConfirm={() => void models.remove(model, null)}
          />
        )}
      </div>
    </li>
  );
}
