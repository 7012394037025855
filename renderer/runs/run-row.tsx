/** One stored run in the list: what it was, how it ended, and what can be done with it. */
import { memo, useState } from 'react';
import { oneLine, type RunSummary } from '../../engine/protocol';
import { dateWords, laneWords, OUTCOMES } from '../run/run-words';
import { useStudio } from '../state/studio-context';
import { count, sentence } from '../ui/text/format';
import { LabelsForm } from './labels-form';
import { RunExportMenu } from './run-export-menu';
import './run-row.css';

interface RunRowProps {
  readonly run: RunSummary;
  readonly chosen: boolean;
  readonly onScreen: boolean;
  /** It is the run that is on now. */
  readonly active: boolean;
  /** Why it cannot be opened now; null where it can. */
  readonly obstacle: string | null;
  readonly onChoose: (runId: string, chosen: boolean) => void;
}

export const RunRow = memo(function RunRow(props: RunRowProps) {
  const { run, chosen, onScreen, active, obstacle, onChoose } = props;
  const { runs, toasts } = useStudio();
  const [editing, setEditing] = useState(false);
  const outcome = active ? ACTIVE : OUTCOMES[run.outcome];
  const isDamaged = run.outcome === 'damaged';
  const prompt = isDamaged && run.prompt === '' ? `Run ${run.runId}` : oneLine(run.prompt);

  return (
    <li className="run-row" data-testid="run-row" data-run-id={run.runId} data-on-screen={onScreen}>
      <input
        type="checkbox"
        className="run-row__choice"
        checked={chosen}
        disabled={isDamaged}
        aria-label={`Compare “${prompt}”`}
        onChange={({ target }) => onChoose(run.runId, target.checked)}
      />
      <div className="run-row__main">
        <button
          type="button"
          className="run-row__open"
          dir="auto"
          disabled={obstacle !== null || isDamaged}
          title={isDamaged ? outcome.why : (obstacle ?? `Open: ${prompt}`)}
          onClick={() => void runs.reopen(run.runId).catch(toasts.complain)}
        >
          {prompt}
        </button>
        {run.model !== '' && (
          <p className="run-row__facts">
            <span className="mono">{oneLine(run.model, 60)}</span> · {run.lanes.map(laneWords).join(', ')} ·{' '}
            {count(run.tokens, 'token')}
          </p>
        )}
        {run.damage !== null && (
          <p className="run-row__damage" data-testid="run-damage">
            {sentence(run.damage)}
          </p>
        )}
        {!editing && <Labels run={run} />}
        {editing && <LabelsForm run={run} onClose={() => setEditing(false)} />}
      </div>
      <RunSide {...props} editing={editing} onEdit={setEditing} />
    </li>
  );
});

function Labels({ run }: { run: RunSummary }) {
  if (run.tags.length === 0 && run.note === '') return null;
  return (
    <p className="run-row__labels">
      {run.tags.map((tag) => (
        <span key={tag} className="tag" dir="auto">
          {oneLine(tag)}
        </span>
      ))}
      {run.note !== '' && (
        <span className="run-row__note" dir="auto">
          {oneLine(run.note)}
        </span>
      )}
    </p>
  );
}

interface RunSideProps extends RunRowProps {
  readonly editing: boolean;
  readonly onEdit: (editing: boolean) => void;
}

/** How and when it ended, and what can be done with it. */
function RunSide({ run, onScreen, active, editing, onEdit }: RunSideProps) {
  const { runs } = useStudio();
  const outcome = active ? ACTIVE : OUTCOMES[run.outcome];
  return (
    <div className="run-row__side">
      <span className={`outcome outcome--${active ? 'active' : run.outcome}`} title={outcome.why}>
        <span aria-hidden="true">{outcome.sign}</span> {outcome.word}
      </span>
      <time className="muted" dateTime={run.at}>
        {dateWords(run.at)}
      </time>
      <div className="run-row__actions">
        {onScreen && <span className="run-row__here">on screen</span>}
        <button
          type="button"
          className="button button--quiet"
          aria-expanded={editing}
          onClick={() => onEdit(!editing)}
        >
          Tag
        </button>
        {run.outcome !== 'damaged' && <RunExportMenu run={run} />}
        <button
          type="button"
          className="button button--quiet"
          disabled={active}
          title={active ? 'It is on; cancel it first.' : 'Delete; this can be undone'}
          onClick={() => void runs.delete(run)}
        >
          Delete
        </button>
      </div>
    </div>
  );
}

const ACTIVE = { sign: '▶', word: 'running', why: 'This run is on now.' };
