/** How much a lane has written, in words. */
import { count } from '../ui/text/format';
import type { LaneView } from './run-view';

/** Of what a server writes, tokens are told when its answer has ended. */
export function laneLength({ draft, end, tokens }: Pick<LaneView, 'draft' | 'end' | 'tokens'>): string {
  return draft === null ? count(end?.tokens ?? tokens.length, 'token') : count(draft.length, 'character');
}
