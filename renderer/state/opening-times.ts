/** How long each choice of a model last took to open, so that the next time can say about how long it will. */
import { z } from 'zod';
import type { ModelDraft } from './draft';

/** Milliseconds by the choice; the newest come last. */
export const OpeningTimes = z.record(z.string(), z.number().min(0));
export type OpeningTimes = z.infer<typeof OpeningTimes>;

const MAX_KEPT = 30;
/** What was open already answers sooner, which says nothing of the next time. */
const MIN_MS = 500;

export function withOpeningTime(times: OpeningTimes, choice: ModelDraft, ms: number): OpeningTimes {
  if (ms < MIN_MS) return times;
  const key = keyOf(choice);
  const others = Object.entries(times).filter(([other]) => other !== key);
  return Object.fromEntries([...others.slice(1 - MAX_KEPT), [key, Math.round(ms)]]);
}

/** Milliseconds; null where it was never opened. */
export function openingTime(times: OpeningTimes, choice: ModelDraft): number | null {
  return times[keyOf(choice)] ?? null;
}

function keyOf({ folder, dtype, device, memorySaver, arithmetic, server }: ModelDraft): string {
  const local = [folder.trim(), dtype, device, memorySaver, arithmetic];
  return JSON.stringify(server === undefined ? local : [...local, server]);
}
