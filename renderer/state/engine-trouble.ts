/** When an engine that does not answer, or does not stop, is worth telling, and how pressing it is. */
import type { AppState } from './app-state';
import { openingTime } from './opening-times';

export interface EngineTrouble {
  /** `silent`: it answers nothing. `deaf`: it answers, and the cancelled run goes on. */
  readonly kind: 'silent' | 'deaf';
  readonly forMs: number;
  /** A cancel was asked for and not heard: the user has decided already. */
  readonly isUrgent: boolean;
  readonly isOpening: boolean;
  /** See `patience` in the state: what it takes to be left alone for as long again. */
  readonly morePatience: number;
}

/** One call of onnxruntime blocks the engine: seconds for a chunk of a prompt, with a large model tens of them. */
const SILENT_MS = 15_000;
/** Opening is one such call, too, and reads the whole model. */
const SILENT_OPENING_MS = 60_000;
const SILENT_CANCEL_MS = 5_000;
/** A cancel is seen between two steps, tokens or chunks. */
const DEAF_MS = 20_000;

type Known = Pick<
  AppState,
  | 'engine'
  | 'patience'
  | 'cancelling'
  | 'cancellingSince'
  | 'model'
  | 'openingTimes'
  | 'modelChoice'
  | 'restarting'
>;

/** @param now by the window's own clock */
export function engineTrouble(state: Known, now: number): EngineTrouble | null {
  const { engine, patience, cancelling, cancellingSince } = state;
  if (engine.state !== 'ready' || state.restarting) return null;
  const isOpening = state.model.state === 'opening';
  const silent = engine.silentSince;
  if (silent === null && !cancelling) return null;

  const forMs = now - (cancelling ? Math.max(cancellingSince, silent ?? 0) : (silent ?? 0));
  const limit = silent === null ? DEAF_MS : cancelling ? SILENT_CANCEL_MS : silentLimit(state, isOpening);
  if (forMs < limit * patience) return null;
  const kind = silent === null ? 'deaf' : 'silent';
  return { kind, forMs, isUrgent: cancelling, isOpening, morePatience: (2 * forMs) / limit };
}

function silentLimit({ openingTimes, modelChoice }: Known, isOpening: boolean): number {
  if (!isOpening) return SILENT_MS;
  return Math.max(SILENT_OPENING_MS, 3 * (openingTime(openingTimes, modelChoice) ?? 0));
}
