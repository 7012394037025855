/** The lanes of an evaluation: the baseline, SLOT with every step count and rate, and the controls of each. */
import {
  CONTROLS,
  type EvaluationLane,
  type EvaluationOrigin,
  writeLearning,
} from '../../../engine/protocol';

/** Steps that one range may have. */
const MAX_RANGE = 256;

/** `0..5`, `1,3,5`, or both; null where it is neither. */
export function readSteps(text: string): number[] | null {
  const values: number[] = [];
  for (const part of partsOf(text)) {
    const [, from, to] = /^(\d{1,4})\s*(?:\.\.|…|–|-)\s*(\d{1,4})$/.exec(part) ?? [];
    const first = Number(from ?? part);
    const last = Number(to ?? part);
    if (!Number.isInteger(first) || first < 0 || last > 1000) return null;
    if (last < first || last - first > MAX_RANGE) return null;
    for (let steps = first; steps <= last; steps++) values.push(steps);
  }
  return values.length === 0 ? null : [...new Set(values)];
}

/** Learning rates by commas; null where one is none. */
export function readRates(text: string): number[] | null {
  const rates = partsOf(text).map(Number);
  const isRate = (rate: number) => rate > 0 && rate <= 100;
  return rates.length > 0 && rates.every(isRate) ? [...new Set(rates)] : null;
}

/** Weight decays by commas, none where nothing is written; null where one is none. */
export function readDecays(text: string): number[] | null {
  const decays = partsOf(text).map(Number);
  return decays.every((decay) => decay >= 0 && decay <= 100) ? [...new Set(decays)] : null;
}

function partsOf(text: string): string[] {
  return text.split(/[,;\s]+(?!\.)/).filter((part) => part !== '');
}

type Learning = Pick<EvaluationLane, 'preset' | 'weightDecay' | 'scope'>;

interface Grid {
  readonly steps: readonly number[];
  readonly rates: readonly number[];
  /** What else a lane may learn by; each with every step count and rate. */
  readonly learnings: readonly [Learning, ...Learning[]];
}

/** Named as the command line writes them. */
export function gridLanes({ steps, rates, learnings }: Grid): EvaluationLane[] {
  const origin = { kind: 'own' } as const;
  const counts = steps.filter((count) => count > 0);
  const cells = learnings.flatMap((learning) =>
    rates.flatMap((lr) => {
      const written = writeLearning({ ...learning, lr });
      return counts.map((count) => ({
        ...learning,
        name: `slot:${count}x${lr}${written}`,
        steps: count,
        lr,
        origin,
      }));
    }),
  );
  return [{ ...learnings[0], name: 'baseline', steps: 0, lr: rates[0] ?? 0.1, origin }, ...cells];
}

/**
 * What rules out other causes of SLOT's effect, for every lane that is SLOT; their names say whose where there are
 * several.
 * @param meanOf held-out problems that the mean delta is of; null leaves it out
 */
export function withControls(lanes: readonly EvaluationLane[], meanOf: number | null): EvaluationLane[] {
  const slots = lanes.filter(({ steps }) => steps > 0);
  const kinds: { name: string; origin: EvaluationOrigin }[] = [
    ...CONTROLS,
    { name: 'other', origin: { kind: 'other' } },
  ];
  if (meanOf !== null) kinds.push({ name: 'mean', origin: { kind: 'mean', problems: meanOf } });
  const controls = slots.flatMap((slot) =>
    kinds.map(({ name, origin }) => ({
      ...slot,
      name: slots.length === 1 ? name : `${name} of ${slot.name}`,
      origin,
    })),
  );
  return [...lanes, ...controls];
}
