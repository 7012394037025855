/** How an answer was written: tokens, pace, the wait before the first one, and how it ended. */

import type { Answer } from '../../run/conversation';
import { laneLength } from '../../run/lane-length';
import { beforeFirstTokenMs, tokensPerSecond } from '../../run/lane-timing';
import { isRunning, type LaneView, plannedSteps } from '../../run/run-view';
import { ENDS } from '../../run/run-words';
import type { LaneDraft } from '../../state/lanes';
import { clockOf, runOf, shownRun } from '../../state/shown-run';
import { useAppState } from '../../state/studio-context';
import { assertNever } from '../../ui/assert-never';
import { duration, number } from '../../ui/text/format';
import { CopyButton } from './copy-button';

interface LaneFootProps {
  readonly view: LaneView | null;
  readonly answer: Answer;
  readonly lane: LaneDraft;
}

export function LaneFoot({ view, answer, lane }: LaneFootProps) {
  const live = useAppState((state) => isRunning(shownRun(state)) && view?.state === 'writing');
  const writingMs = useAppState((state) => {
    const { writingSince, newestAt } = clockOf(state);
    return live && writingSince !== null ? newestAt - writingSince : null;
  });
  const waited = useAppState((state) => {
    const run = runOf(state.runViews, answer.runId);
    return run && view && view.tokens.length > 0 ? beforeFirstTokenMs(run) : null;
  });
  const text = () => view?.end?.text ?? answer.text ?? view?.tokens.map((token) => token.text).join('') ?? '';
  const label = `Copy the answer of ${lane.name}`;
  if (!view) {
    return (
      <footer className="lane__foot" data-testid="lane-foot">
        <span title="The run that wrote it is not in memory">text only</span>
        <span className="lane__outcome">
          <CopyButton text={text} label={label} />
        </span>
      </footer>
    );
  }
  const rate = tokensPerSecond(view, writingMs);
  return (
    <footer className="lane__foot" data-testid="lane-foot">
      <span>{laneLength(view)}</span>
      {rate !== null && (
        <span title="Tokens of this lane over the time since the lanes began to write; lanes that write together share it">
          {number(rate, rate < 10 ? 1 : 0)} tok/s
        </span>
      )}
      {waited !== null && (
        <span title="Before the first token: reading the prompt and SLOT of every lane of the run, by the engine's own clock; the first token's forward pass is not in it">
          first {duration(waited)}
        </span>
      )}
      <span className="lane__outcome">
        <span className="lane__state">{describeState(view)}</span>
        <CopyButton text={text} label={label} />
      </span>
    </footer>
  );
}

function describeState(lane: LaneView): string {
  switch (lane.state) {
    case 'waiting':
      return 'waiting';
    case 'optimising':
      return `SLOT step ${lane.steps.length} of ${plannedSteps(lane.settings)}`;
    case 'writing':
      return 'writing…';
    case 'done':
      return lane.end ? ENDS[lane.end.reason] : ENDS.length;
    case 'failed':
      return 'failed';
    case 'stopped':
      return 'cut short';
    default:
      return assertNever(lane.state);
  }
}
