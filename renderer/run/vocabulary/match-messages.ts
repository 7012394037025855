/** What the matching worker and the window say to each other. */
import type { PackedTokens, Query } from './match';

export type ToMatchWorker =
  | { readonly type: 'tokens'; readonly packed: PackedTokens }
  | { readonly type: 'match'; readonly id: number; readonly query: Query };

/** The id of the worker's answer to a vocabulary. */
export const READY = 0;

/** `problem` is null where `ids` is the answer. */
export interface FromMatchWorker {
  readonly id: number;
  readonly ids: Uint32Array;
  readonly problem: string | null;
}
