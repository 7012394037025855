/** The chosen model, from closed to open. */
import type { Failure, ModelInfo } from '../../engine/protocol';

export type ModelState =
  | { readonly state: 'closed' }
  | {
      readonly state: 'opening';
      /** By the window's own clock. */
      readonly since: number;
      /** The model that is open until this one takes its place. */
      readonly before: ModelInfo | null;
    }
  | { readonly state: 'open'; readonly info: ModelInfo }
  | { readonly state: 'failed'; readonly failure: Failure };

export const CLOSED: ModelState = { state: 'closed' };

/** The model that is open, also while another one is on its way. */
export function openModelOf(model: ModelState): ModelInfo | null {
  if (model.state === 'opening') return model.before;
  return model.state === 'open' ? model.info : null;
}

/** Why the chosen model is not open, where that is known. */
export function modelFailureOf(model: ModelState): Failure | null {
  return model.state === 'failed' ? model.failure : null;
}
