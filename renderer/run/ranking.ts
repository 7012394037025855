/** The three ways to rank what delta did to the vocabulary, drawn from one step's event. */
import { z } from 'zod';
import type { SlotStep, TokenShift } from '../../engine/protocol';
import { assertNever } from '../ui/assert-never';
import type { Adaptation } from './curves';

export const Ranking = z.enum(['raw', 'centred', 'mass']);
export type Ranking = z.infer<typeof Ranking>;

export interface RankedToken {
  readonly id: number;
  readonly token: string;
  /** Logits, or a share of probability for `mass`. */
  readonly value: number;
}

export interface RankedTokens {
  readonly up: readonly RankedToken[];
  readonly down: readonly RankedToken[];
}

export interface RankedGroup {
  readonly name: string;
  readonly value: number;
}

/** The lane's event after `step` updates (clamped to what there is); null before the first. */
export function stepEvent(lane: Pick<Adaptation, 'steps'>, step: number): SlotStep | null {
  if (step <= 0) return null;
  return lane.steps[Math.min(step, lane.steps.length) - 1] ?? null;
}

export function rankTokens(event: SlotStep, ranking: Ranking): RankedTokens {
  switch (ranking) {
    case 'raw':
      return { up: byShift(event.boosted, 0), down: byShift(event.suppressed, 0) };
    case 'centred':
      return {
        up: byShift(event.boosted, event.shiftMean),
        down: byShift(event.suppressed, event.shiftMean),
      };
    case 'mass':
      return { up: event.gained.map(byMass), down: event.lost.map(byMass) };
    default:
      return assertNever(ranking);
  }
}

export function rankGroups(event: SlotStep, ranking: Ranking): RankedGroup[] {
  return event.groups.map(({ name, meanShift, massMoved }) => {
    switch (ranking) {
      case 'raw':
        return { name, value: meanShift };
      case 'centred':
        return { name, value: meanShift - event.shiftMean };
      case 'mass':
        return { name, value: massMoved };
      default:
        return assertNever(ranking);
    }
  });
}

function byShift(list: readonly TokenShift[], mean: number): RankedToken[] {
  return list.map(({ id, token, shift }) => ({ id, token, value: shift - mean }));
}

function byMass({ id, token, massMoved }: TokenShift): RankedToken {
  return { id, token, value: massMoved };
}
