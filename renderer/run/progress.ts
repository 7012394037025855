/** What the run is doing, in words, and how long it may still take. */
import { assertNever } from '../ui/assert-never';
import {
  adaptingLanes,
  hasEnded,
  type LaneView,
  plannedSteps,
  type RunPhase,
  type RunView,
} from './run-view';

/** When things happened, in milliseconds of the window's own clock; events carry no times of day. */
export interface RunClock {
  readonly startedAt: number;
  readonly phase: RunPhase;
  readonly phaseSince: number;
  readonly writingSince: number | null;
  /** When the newest event was taken over. */
  readonly newestAt: number;
  readonly endedAt: number | null;
}

export function startClock(now: number): RunClock {
  return {
    startedAt: now,
    phase: 'requested',
    phaseSince: now,
    writingSince: null,
    newestAt: now,
    endedAt: null,
  };
}

export function tickClock(clock: RunClock, view: RunView, now: number): RunClock {
  if (clock.phase === view.phase) return { ...clock, newestAt: now };
  return {
    ...clock,
    phase: view.phase,
    phaseSince: now,
    writingSince: view.phase === 'writing' ? now : clock.writingSince,
    newestAt: now,
    endedAt: hasEnded(view) ? now : null,
  };
}

export interface Progress {
  readonly label: string;
  readonly done: number;
  /** Null where the amount of work is unknown. */
  readonly total: number | null;
}

export function describeProgress(view: RunView, modelIsOpen: boolean): Progress {
  switch (view.phase) {
    case 'idle':
      return { label: modelIsOpen ? 'Ready' : 'No model open', done: 0, total: null };
    case 'requested':
      return { label: modelIsOpen ? 'Starting…' : 'Opening model…', done: 0, total: null };
    case 'reading': {
      const total = view.reading?.total ?? view.prompt?.ids.length ?? 0;
      const done = view.reading?.tokens ?? 0;
      return { label: `Reading prompt: ${done} of ${total} tokens`, done, total };
    }
    case 'optimising': {
      if (view.preparing) {
        const { positions, total } = view.preparing;
        return {
          label: `Computing the prompt's logits: ${positions} of ${total} positions`,
          done: positions,
          total,
        };
      }
      if (view.learning) {
        const { source, sources, step, steps } = view.learning;
        const label = `Learning from other prompts: ${source + 1} of ${sources}, step ${step + 1} of ${steps}`;
        return { label, done: source * steps + step + 1, total: sources * steps };
      }
      const lane =
        view.lanes.find((each) => each.state === 'optimising') ?? view.lanes.findLast((each) => each.slot);
      const done = lane?.steps.length ?? 0;
      const total = lane ? plannedSteps(lane.settings) : 0;
      const name = adaptingLanes(view).length > 1 ? ` (${lane?.name})` : '';
      return { label: `SLOT step ${done} of ${total}${name}`, done, total };
    }
    case 'writing': {
      const drawn = samplesDrawn(view);
      if (drawn) return drawn;
      const written = view.lanes.reduce((most, { draft }) => Math.max(most, draft?.length ?? 0), 0);
      // A server's tokens come once an answer has ended.
      if (written > 0) return { label: `Writing: ${written} characters`, done: written, total: null };
      const done = view.lanes.reduce((most, lane) => Math.max(most, lane.tokens.length), 0);
      const total = view.config?.generation.maxNewTokens ?? 0;
      return { label: `Writing ${done} of ${total} tokens`, done, total };
    }
    case 'done':
      if (view.lanes.length > 0 && view.lanes.every(({ failure }) => failure))
        return { label: 'Every lane failed', done: 0, total: null };
      return { label: 'Finished', done: 1, total: 1 };
    case 'failed':
      return { label: 'Failed', done: 0, total: null };
    case 'cancelled':
      return { label: 'Cancelled', done: 0, total: null };
    default:
      return assertNever(view.phase);
  }
}

/** Once the lanes' own answers are there, which are samples too. */
function samplesDrawn({ lanes, config }: RunView): Progress | undefined {
  if (!lanes.some(({ samples }) => samples.some(({ sample }) => sample > 0))) return undefined;
  const ended = lanes.flatMap(({ samples }) => samples.filter(({ end }) => end !== null));
  const total = lanes.reduce((sum, lane) => sum + samplesOf(lane, config?.samples ?? 1), 0);
  return { label: `Drawing samples: ${ended.length} of ${total}`, done: ended.length, total };
}

/** How many a lane has once the run is over: one that failed has none, one that was stopped what it had by then. */
function samplesOf({ failure, state, samples }: LaneView, wanted: number): number {
  if (failure) return 0;
  const ended = samples.filter(({ end }) => end !== null);
  const isStopped = state === 'stopped' || ended.some(({ end }) => end?.reason === 'cancelled');
  return isStopped ? ended.length : wanted;
}

/**
 * Milliseconds that the present stage still needs at its pace so far; null while that cannot be told. For writing
 * it is an upper bound, since a lane may end before its limit.
 */
export function remainingMs(progress: Progress, clock: RunClock, now: number): number | null {
  const { done, total } = progress;
  const elapsed = now - clock.phaseSince;
  if (total === null || done < 3 || done >= total || elapsed < 500) return null;
  return (elapsed / done) * (total - done);
}
