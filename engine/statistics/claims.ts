import type { ClaimsInput } from './claims-input';

/** Sentences for the reader of a table of lanes: what may be claimed of it, and what not. */
export function claims(_input: ClaimsInput): string[] {
  return [];
}
