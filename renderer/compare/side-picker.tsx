/** Chooses the run and the lane of one side. */
import { oneLine, type RunSummary } from '../../engine/protocol';
import { dateWords, laneWords } from '../run/run-words';
import type { CompareSide } from '../state/runs-state';
import { SideLetter } from './side-letter';

interface SidePickerProps {
  readonly letter: 'A' | 'B';
  readonly runs: readonly RunSummary[];
  readonly choice: CompareSide;
  readonly onChange: (choice: CompareSide) => void;
}

export function SidePicker({ letter, runs, choice, onChange }: SidePickerProps) {
  const run = runs.find(({ runId }) => runId === choice.runId);
  const lanes = run?.lanes ?? [];
  const lane = choice.lane ?? lanes.find(({ steps }) => steps > 0)?.name ?? lanes[0]?.name ?? '';
  return (
    <div className="side-picker">
      <SideLetter letter={letter} />
      <select
        className="side-picker__run"
        aria-label={`Run of ${letter}`}
        data-testid={`compare-run-${letter}`}
        value={choice.runId}
        onChange={({ target }) => onChange({ runId: target.value, lane: null })}
      >
        {runs.map((each) => (
          <option key={each.runId} value={each.runId}>
            {dateWords(each.at)} · {oneLine(each.prompt, 60)}
          </option>
        ))}
      </select>
      <select
        className="side-picker__lane"
        aria-label={`Lane of ${letter}`}
        data-testid={`compare-lane-${letter}`}
        value={lane}
        onChange={({ target }) => onChange({ ...choice, lane: target.value })}
      >
        {lanes.map((each) => (
          <option key={each.name} value={each.name}>
            {laneWords(each)}
          </option>
        ))}
      </select>
    </div>
  );
}
