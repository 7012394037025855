/** Where a run's time went: the engine's own figures, and what of the window's clock they leave. */
import type { RunClock } from './progress';
import { hasEnded, type RunView } from './run-view';

export interface RunTimes {
  /** Milliseconds; of a run that goes on, so far. */
  readonly parts: readonly { readonly name: RunPart; readonly ms: number }[];
  readonly total: number;
}

/** What takes less is no part worth a line, in milliseconds. */
const LEAST = 0.5;

/** `window`: events on their way and on the screen, and whatever else the engine's clocks do not tell. */
export type RunPart = 'load' | 'prefill' | 'optimise' | 'decode' | 'window';

/**
 * Null where nothing is known yet.
 * @param clock of a run that was watched from its beginning; a stored run has none, and no part `window`
 */
export function runTimes(view: RunView, clock: RunClock | null, now: number): RunTimes | null {
  const engine = engineParts(view, clock, now);
  const told = engine.reduce((sum, { ms }) => sum + ms, 0);
  if (told === 0) return null;
  const isWhole = clock !== null && clock.endedAt !== null && view.timings !== null;
  // Before the end, the part that goes on has no figure of the engine's to compare with.
  const rest = isWhole ? Math.max(0, clock.endedAt - clock.startedAt - told) : 0;
  const parts = [...engine, { name: 'window' as const, ms: rest }].filter(({ ms }) => ms >= LEAST);
  return { parts, total: told + rest };
}

function engineParts(view: RunView, clock: RunClock | null, now: number): RunTimes['parts'] {
  const { timings, reading, lanes } = view;
  if (timings) {
    const { load, prefill, slot, decode } = timings;
    return [
      { name: 'load', ms: load },
      { name: 'prefill', ms: prefill },
      { name: 'optimise', ms: slot },
      { name: 'decode', ms: decode },
    ];
  }
  const optimise = lanes.reduce(
    (sum, { slot, steps }) => sum + (slot?.ms ?? steps.reduce((all, { ms }) => all + ms, 0)),
    0,
  );
  const since = clock?.writingSince ?? null;
  const until = clock?.endedAt ?? (hasEnded(view) ? since : now);
  return [
    { name: 'prefill', ms: reading?.ms ?? 0 },
    { name: 'optimise', ms: optimise },
    { name: 'decode', ms: since === null || until === null ? 0 : Math.max(0, until - since) },
  ];
}
