/** A lane's shift of each token after one step, from its vectors or, where those are gone, from the event's lists. */
import type { SlotStep } from '../../engine/protocol';
import { METRIC_TEXTS } from '../run/vocabulary/metric-texts';
import type { StepColumns } from '../run/vocabulary/metrics';
import { assertNever } from '../ui/assert-never';

/** The metrics that an event lists too, so that runs without vectors have them. */
const LISTED = ['raw', 'centred', 'mass'] as const;
export type Measure = (typeof LISTED)[number];

export const MEASURES = LISTED.map((value) => {
  const { name, unit, meaning } = METRIC_TEXTS[value];
  return { value, text: name, unit, title: meaning };
});

export interface TokenShifts {
  /** By place in `values`. */
  readonly tokens: readonly string[];
  /** By place; null where all tokens are there, so that places are ids. */
  readonly ids: readonly number[] | null;
  /** In the unit of the measure. */
  values(measure: Measure): Float32Array;
}

export function wholeShifts(tokens: readonly string[], columns: StepColumns): TokenShifts {
  return {
    tokens,
    ids: null,
    values(measure) {
      switch (measure) {
        case 'raw':
          return columns.shift;
        case 'centred':
          return columns.centred;
        case 'mass':
          return columns.mass.map((share) => 100 * share);
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
