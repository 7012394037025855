/** How a delta is learned: from which tokens, by which optimiser, until when; and its notation on the command line. */
import { z } from 'zod';
import { describeScope, readScope, Scope, writeScope } from './scope';

export const PRESETS = ['transformers', 'vllm'] as const;
export const Preset = z.enum(PRESETS);
export type Preset = z.infer<typeof Preset>;

/** AdamW as in the reference, or plain gradient descent as a control. */
export const OPTIMISERS = ['adamw', 'sgd'] as const;
export const Optimiser = z.enum(OPTIMISERS);
export type Optimiser = z.infer<typeof Optimiser>;

const Beta = z.number().min(0).lt(1);

/** What is left out is the preset's, the reference's or not done. */
export const LEARNING_FIELDS = {
  preset: Preset.default('transformers'),
  /** The learning rate. */
  lr: z.number().positive().max(100).default(0.1),
  /** Decoupled, as AdamW has it, in place of the preset's. */
  weightDecay: z.number().min(0).max(100).optional(),
  optimiser: Optimiser.optional(),
  /** AdamW's decay rates of its two averages, in place of the preset's. */
  betas: z.tuple([Beta, Beta]).optional(),
  /** AdamW's, in place of the preset's. */
  eps: z.number().positive().max(1).optional(),
  /** The whole prompt where it is left out. */
  scope: Scope.optional(),
  /**
   * Learn from a random half of the scope's tokens, the larger where they are odd, and measure the loss on the other
   * as well. `stopsEarly` ends the steps before the first that raises it.
   */
  half: z
    .strictObject({ seed: z.int().min(0).max(0xffff_ffff), stopsEarly: z.boolean().default(false) })
    .optional(),
  /** Nats: the steps end before the first after which the mean of KL(slot ‖ base) over the scope passes it. */
  klBudget: z.number().positive().max(1000).optional(),
} as const;

const Learning = z.object(LEARNING_FIELDS);
/** Of a lane, an evaluation's lane, or a cell of a sweep. */
export type Learning = z.infer<typeof Learning>;
const FIELDS = Learning.keyof().options;

/** These settings alone, of whatever has them; what is left out stays left out. */
export function learningOf<T extends Learning>(settings: T): Learning {
  const { preset, lr } = settings;
  const given = FIELDS.filter((field) => settings[field] !== undefined).map((field) => [
    field,
    settings[field],
  ]);
  return { preset, lr, ...Object.fromEntries(given) };
}

/** Lanes with the same key have the same delta after each step that both take. */
export function learningKey(settings: Learning): string {
  return JSON.stringify(FIELDS.map((field) => settings[field] ?? null));
}

/** All but the rate, as `readLearning` reads it: `/vllm/wd0.1/last-user/half3`. */
export function writeLearning(settings: Learning): string {
  const { preset, weightDecay, optimiser, betas, eps, scope, half, klBudget } = settings;
  const parts = [
    preset !== 'transformers' && preset,
    weightDecay !== undefined && `wd${weightDecay}`,
    optimiser !== undefined && optimiser !== 'adamw' && optimiser,
    betas && `b${betas.join(':')}`,
    eps !== undefined && `eps${eps}`,
    scope && scope.kind !== 'whole' && writeScope(scope, '+'),
    half && `${half.stopsEarly ? 'early' : 'half'}${half.seed}`,
    klBudget !== undefined && `kl${klBudget}`,
  ];
  return parts.flatMap((part) => (part ? [`/${part}`] : [])).join('');
}

type Written = Partial<Omit<Learning, 'lr'>>;

export const LEARNING_NOTATION =
  '/vllm, /sgd, /wdX (weight decay), /bX:Y (betas), /epsX, a scope such as /last-user or /tokens:2-5+9, ' +
  '/half or /halfSEED (learn from a random half), /early (and stop when the other half gets worse), /klX (KL budget)';

/** One part of that notation, without its slash. @returns undefined where it is none */
export function readLearning(part: string): Written | { readonly problem: string } | undefined {
  const preset = PRESETS.find((each) => each === part);
  if (preset) return { preset };
  const optimiser = OPTIMISERS.find((each) => each === part);
  if (optimiser) return { optimiser };
  const [, name, value = ''] = /^(wd|b|eps|half|early|kl)(?=$|[\d.-])(.*)$/s.exec(part) ?? [];
  switch (name) {
    case 'wd':
      return { weightDecay: numberIn(value) };
    case 'b': {
      const [first = '', second = '', ...more] = value.split(':');
      return { betas: [numberIn(first), more.length > 0 ? Number.NaN : numberIn(second)] };
    }
    case 'eps':
      return { eps: numberIn(value) };
    case 'kl':
      return { klBudget: numberIn(value) };
    case 'half':
    case 'early':
      return { half: { seed: value === '' ? 0 : numberIn(value), stopsEarly: name === 'early' } };
    default: {
      if (!/^(?:whole|user|last-user|no-template|no-system|from|tokens)(?::|$)/.test(part)) return undefined;
      const scope = readScope(part);
      return 'problem' in scope ? scope : { scope };
    }
  }
}

/** Number('') would be 0. */
function numberIn(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

/** What differs from the reference besides rate and preset, in words; empty where nothing does. */
export function describeLearning(settings: Learning): string[] {
  const { weightDecay, optimiser, betas, eps, scope, half, klBudget } = settings;
  const parts = [
    optimiser === 'sgd' && 'SGD',
    betas && `betas ${betas.join(', ')}`,
    eps !== undefined && `eps ${eps}`,
    weightDecay !== undefined && `weight decay ${weightDecay}`,
    scope && scope.kind !== 'whole' && `learned from ${describeScope(scope)}`,
    half && `half of the tokens held out, seed ${half.seed}`,
    half?.stopsEarly && 'stops when their loss rises',
    klBudget !== undefined && `stops at a mean KL of ${klBudget} nats`,
  ];
  return parts.flatMap((part) => part || []);
}
