/** How fast a lane answered, from the engine's own figures: the same for a live run and a stored one. */
import type { LaneView, RunView } from './run-view';

/** Reading the prompt and SLOT of every lane: what lies before the first token, its own forward pass left out. */
export function beforeFirstTokenMs({ reading, lanes }: Pick<RunView, 'reading' | 'lanes'>): number | null {
  if (!reading || reading.ms === null) return null;
  return lanes.reduce((sum, { slot }) => sum + (slot?.ms ?? 0), reading.ms);
}

/** @param writingMs since the lanes began to write, for a lane that still does */
export function tokensPerSecond({ end, tokens }: LaneView, writingMs: number | null): number | null {
  const ms = end?.ms ?? writingMs;
  const amount = end?.tokens ?? tokens.length;
  // A token or two tell more of the clock than of the model.
  return ms === null || ms <= 20 || amount < 2 ? null : (amount / ms) * 1000;
}
