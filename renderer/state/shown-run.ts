/** The runs that the window has at hand, each in one place, and which of them the charts show. */
import type { RunSummary } from '../../engine/protocol';
import { type Conversation, runsOf } from '../run/conversation';
import { type RunClock, startClock } from '../run/progress';
import { EMPTY_RUN, isRunning, type RunView } from '../run/run-view';

/** A run of the conversation that is held; null before the first. */
export interface OwnRun {
  readonly kind: 'own';
  readonly runId: string | null;
  /** Tells of a run that was watched as it went. */
  readonly clock: RunClock;
}

/** A run from disk that is looked at, with what to go back to. */
interface StoredRunShown {
  readonly kind: 'stored';
  readonly runId: string;
  readonly summary: RunSummary;
  /** Counts up: the same run opened again may have come by its vectors. */
  readonly opening: number;
  readonly before: OwnRun;
}

export type ShownRun = OwnRun | StoredRunShown;

export interface RunsAtHand {
  /** By the run's id. */
  readonly runViews: Readonly<Record<string, RunView>>;
  readonly shown: ShownRun;
}

const NO_CLOCK = startClock(0);

export const NO_RUNS: RunsAtHand = { runViews: {}, shown: ownRun(null) };

export function ownRun(runId: string | null, clock: RunClock = NO_CLOCK): OwnRun {
  return { kind: 'own', runId, clock };
}

export function shownRun({ runViews, shown }: RunsAtHand): RunView {
  return runOf(runViews, shown.runId) ?? EMPTY_RUN;
}

/** Null where the window does not have it. */
export function runOf(runViews: RunsAtHand['runViews'], runId: string | null): RunView | null {
  return (runId !== null && runViews[runId]) || null;
}

export function clockOf({ shown }: Pick<RunsAtHand, 'shown'>): RunClock {
  return shown.kind === 'own' ? shown.clock : NO_CLOCK;
}

/**
 * `shown` in place of what was shown, and with it the runs that are still needed: of the conversation, or going on.
 * @param view the shown run, where it is not at hand yet
 */
export function showing(
  shown: ShownRun,
  { runViews, conversation }: Pick<RunsAtHand, 'runViews'> & { readonly conversation: Conversation },
  view: RunView | null = runOf(runViews, shown.runId),
): RunsAtHand {
  const needed = new Set(runsOf(conversation));
  if (shown.kind === 'stored' && shown.before.runId !== null) needed.add(shown.before.runId);
  const kept = Object.entries(runViews).filter(([runId, each]) => needed.has(runId) || isRunning(each));
  const own = shown.runId !== null && view ? { [shown.runId]: view } : {};
  return { shown, runViews: { ...Object.fromEntries(kept), ...own } };
}
