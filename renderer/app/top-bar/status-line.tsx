/** One line that always says what is going on, or why nothing can. */

import { preparingWords } from '../../run/preparing';
import { describeProgress, remainingMs } from '../../run/progress';
import { isRunning } from '../../run/run-view';
import { openingTime } from '../../state/opening-times';
import { runObstacle } from '../../state/run-reasons';
import { clockOf } from '../../state/shown-run';
import { useAppState } from '../../state/studio-context';
import { useDraftCheck } from '../../state/use-draft-check';
import { useShownRun } from '../../state/use-shown-run';
import { count, duration } from '../../ui/text/format';
import { useNow } from './use-now';

export function StatusLine() {
  const check = useDraftCheck();
  const engine = useAppState((state) => state.engine);
  const run = useShownRun((run) => run);
  const clock = useAppState(clockOf);
  const model = useAppState((state) => state.model);
  const cancelling = useAppState((state) => state.cancelling);
  const isHere = useAppState((state) => state.room === 'workbench');
  const running = isRunning(run);
  const opening = model.state === 'opening' ? model : null;
  const preparing = useAppState((state) => state.preparing);
  const now = useNow(running || opening !== null, running || !opening ? clock.newestAt : opening.since);

  if (!running) {
    const obstacle = runObstacle(check, engine);
    return (
      <output className="status-line" id="status-line" data-testid="status" data-run={run.runId}>
        <div className="status-line__text">
          <span>{opening ? 'Opening model…' : describeOutcome()}</span>
          {opening && <OpeningDetail since={opening.since} now={now} />}
          {obstacle && isHere && (
            <span className={obstacle.isWrong ? 'status-line__reason' : 'muted'}>{obstacle.reason}</span>
          )}
        </div>
      </output>
    );
  }

  const progress = describeProgress(run, model.state === 'open');
  const remaining = remainingMs(progress, clock, now);
  const bound = run.phase === 'writing' ? 'at most' : 'about';
  return (
    // Announced phase by phase through the hidden line below, not at every token.
    <div className="status-line" id="status-line" data-testid="status" data-run={run.runId}>
      <div className="status-line__text">
        <span>{cancelling ? 'Cancelling…' : progress.label}</span>
        {preparing && <span className="muted">{preparingWords(preparing)}</span>}
        <span className="muted">
          {duration(Math.max(0, now - clock.startedAt))}
          {remaining !== null && remaining > 1000 && ` · ${bound} ${duration(remaining)} left in this stage`}
        </span>
      </div>
      <output className="visually-hidden">{PHASE_WORDS[run.phase]}</output>
    </div>
  );

  function describeOutcome(): string {
    const { label } = describeProgress(run, model.state === 'open');
    if (run.phase === 'idle') return label;
    const took = clock.endedAt === null ? '' : ` in ${duration(clock.endedAt - clock.startedAt)}`;
    const tokens = run.lanes.reduce((sum, lane) => sum + lane.tokens.length, 0);
    return tokens > 0 ? `${label}${took} · ${count(tokens, 'token')}` : `${label}${took}`;
  }
}

const PHASE_WORDS: Readonly<Record<string, string>> = {
  requested: 'Starting',
  reading: 'Reading the prompt',
  optimising: 'Optimising delta',
  writing: 'Writing the answers',
};

function OpeningDetail({ since, now }: { readonly since: number; readonly now: number }) {
  const preparing = useAppState((state) => state.preparing);
  const lastTime = useAppState((state) => openingTime(state.openingTimes, state.modelChoice));
  const last = lastTime === null ? '' : ` · ${duration(lastTime)} last time`;
  // Not announced: it changes four times a second.
  return (
    <span className="muted" aria-hidden="true">
      {preparing ? preparingWords(preparing) : `${duration(now - since)}${last}`}
    </span>
  );
}
