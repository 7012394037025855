/** A lane's shift of each token after one step, from its vectors or, where those are gone, from the event's lists. */
import type { Result, SlotStep } from '../../engine/protocol';
import { assertNever } from '../ui/assert-never';

export type Measure = 'raw' | 'centred' | 'mass';

export const MEASURES = [
  { value: 'raw', text: 'Raw shift', unit: 'logits', title: 'W·delta: what is added to each logit.' },
  {
    value: 'centred',
    text: 'Centred',
    unit: 'logits',
    title: 'Shift minus its mean weighted by probability, which softmax ignores.',
  },
  {
    value: 'mass',
    text: 'Mass moved',
    unit: 'percentage points',
    title: "Probability gained or lost, mean over the prompt's positions.",
  },
] as const satisfies readonly { value: Measure; text: string; unit: string; title: string }[];

export interface TokenShifts {
  /** By place in `values`. */
  readonly tokens: readonly string[];
  /** By place; null where all tokens are there, so that places are ids. */
  readonly ids: readonly number[] | null;
  values(measure: Measure): Float32Array;
}

export function wholeShifts(
  tokens: readonly string[],
  { shift, meanP, baseMeanP }: Result<'shift.read'>,
): TokenShifts {
  return {
    tokens,
    ids: null,
    values(measure) {
      switch (measure) {
        case 'raw':
          return shift;
        case 'centred': {
          let mean = 0;
          for (const [id, p] of meanP.entries()) mean += p * (shift[id] ?? 0);
          return shift.map((value) => value - mean);
        }
        case 'mass':
          return meanP.map((p, id) => 100 * (p - (baseMeanP[id] ?? 0)));
        default:
          return assertNever(measure);
      }
    },
  };
}

export function listedShifts(event: SlotStep): TokenShifts {
  const lists = [...event.boosted, ...event.suppressed, ...event.gained, ...event.lost];
  const listed = [...new Map(lists.map((each) => [each.id, each])).values()];
  return {
    tokens: listed.map(({ token }) => token),
    ids: listed.map(({ id }) => id),
    values(measure) {
      return Float32Array.from(listed, ({ shift, massMoved }) =>
        measure === 'mass' ? 100 * massMoved : measure === 'raw' ? shift : shift - event.shiftMean,
      );
    },
  };
}
