/** What a lane is, by its settings: SLOT, the baseline or a control. */
import { describeGiven } from './given';
import type { DeltaOrigin } from './settings';

interface Adaptation {
  readonly steps: number;
  readonly origin: { readonly kind: string };
}

/** Whether the lane adds a delta. */
export function adapts({ steps, origin }: Adaptation): boolean {
  return steps > 0 && origin.kind !== 'temperature';
}

/** Whether it is SLOT itself. */
export function isSlot({ steps, origin }: Adaptation): boolean {
  return steps > 0 && origin.kind === 'own';
}

export interface Control {
  readonly name: string;
  readonly origin: Exclude<DeltaOrigin, { readonly kind: 'prompts' }>;
}

/** What SLOT is compared with where no other prompt is at hand; `random` in three draws, since one proves little. */
export const CONTROLS: readonly Control[] = [
  { name: 'random 1', origin: { kind: 'random', seed: 1 } },
  { name: 'random 2', origin: { kind: 'random', seed: 2 } },
  { name: 'random 3', origin: { kind: 'random', seed: 3 } },
  { name: 'minus', origin: { kind: 'minus' } },
  { name: 'template', origin: { kind: 'template' } },
  { name: 'temperature', origin: { kind: 'temperature' } },
];

/** In words that follow a name: "random delta, seed 7". */
export function describeOrigin(origin: DeltaOrigin): string {
  switch (origin.kind) {
    case 'own':
      return 'own delta';
    case 'minus':
      return 'minus the own delta';
    case 'scaled':
      return `${String(origin.factor).replace('-', '−')} times the own delta`;
    case 'centred':
      return 'own delta without the mean shift';
    case 'given':
      return `given delta: ${describeGiven(origin)}`;
    case 'random':
      return `random delta of the same norm, seed ${origin.seed}`;
    case 'prompts':
      return origin.prompts.length === 1
        ? "another prompt's delta"
        : `mean delta of ${origin.prompts.length} other prompts`;
    case 'template':
      return 'delta of the template alone';
    case 'temperature':
      return 'no delta, temperature of the same entropy';
    default:
      return origin satisfies never;
  }
}
