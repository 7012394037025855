/** From which tokens a lane learns, how and until when, as the user sets it up: kept as typed, checked for a run. */
import { z } from 'zod';
import { LEARNING_FIELDS, type Learning, Optimiser, readScope, writeScope } from '../../engine/protocol';

/** Empty fields are the preset's, or not used. */
export const LearningDraft = z.object({
  /** In the command line's notation: whole, last-user, from:5, tokens:2-5,9. */
  scope: z.string(),
  optimiser: Optimiser,
  beta1: z.string(),
  beta2: z.string(),
  eps: z.string(),
  /** The seed of the half that is held out. */
  half: z.string(),
  stopsEarly: z.boolean(),
  klBudget: z.string(),
});
export type LearningDraft = z.infer<typeof LearningDraft>;

export const REFERENCE_LEARNING: LearningDraft = {
  scope: 'whole',
  optimiser: 'adamw',
  beta1: '',
  beta2: '',
  eps: '',
  half: '',
  stopsEarly: false,
  klBudget: '',
};

export type LearningField = Exclude<keyof LearningDraft, 'optimiser' | 'stopsEarly'>;
export const LEARNING_FIELD_NAMES = [
  'scope',
  'beta1',
  'beta2',
  'eps',
  'half',
  'klBudget',
] as const satisfies readonly LearningField[];

const { betas, eps, half, klBudget } = LEARNING_FIELDS;

type Read = Pick<Learning, 'scope' | 'optimiser' | 'betas' | 'eps' | 'half' | 'klBudget'>;

/**
 * Settings of the reference are left out.
 * @param preset's betas, for the one of them that is left empty @param complain told what is wrong with a field
 */
export function readLearningDraft(
  draft: LearningDraft,
  preset: readonly [number, number],
  complain: (field: LearningField, problem: string) => void,
): Read {
  const number = (field: LearningField, byDefault?: number) => {
    const text = draft[field];
    if (typeof text !== 'string' || text.trim() === '') return byDefault ?? Number.NaN;
    return Number(text);
  };
  const read: { -readonly [K in keyof Read]: Read[K] } = {};
  const scope = readScope(draft.scope);
  if ('problem' in scope) complain('scope', `${scope.problem}.`);
  else if (scope.kind !== 'whole') read.scope = scope;
  if (draft.optimiser === 'sgd') read.optimiser = 'sgd';
  if (isSaid(draft.beta1) || isSaid(draft.beta2)) {
    const pair = betas.safeParse([number('beta1', preset[0]), number('beta2', preset[1])]);
    if (pair.success) read.betas = pair.data;
    else complain(pair.error.issues[0]?.path[0] === 1 ? 'beta2' : 'beta1', 'Must be from 0 to below 1.');
  }
  if (isSaid(draft.eps)) {
    const value = eps.safeParse(number('eps'));
    if (value.success) read.eps = value.data;
    else complain('eps', 'Must be above 0, at most 1.');
  }
  if (isSaid(draft.half)) {
    const value = half.safeParse({ seed: number('half'), stopsEarly: draft.stopsEarly });
    if (value.success) read.half = value.data;
    else complain('half', 'Must be a whole number from 0 to 4294967295.');
  }
  if (isSaid(draft.klBudget)) {
    const value = klBudget.safeParse(number('klBudget'));
    if (value.success) read.klBudget = value.data;
    else complain('klBudget', 'Must be above 0, at most 1000.');
  }
  return read;
}

function isSaid(text: string): boolean {
  return text.trim() !== '';
}

export function learningDraft(settings: Read): LearningDraft {
  const text = (value: number | undefined) => (value === undefined ? '' : String(value));
  return {
    scope: writeScope(settings.scope ?? { kind: 'whole' }),
    optimiser: settings.optimiser ?? 'adamw',
    beta1: text(settings.betas?.[0]),
    beta2: text(settings.betas?.[1]),
    eps: text(settings.eps),
    half: text(settings.half?.seed),
    stopsEarly: settings.half?.stopsEarly ?? false,
    klBudget: text(settings.klBudget),
  };
}

/** What differs from the reference, in few words; '' where nothing does. */
export function describeLearningDraft(draft: LearningDraft): string {
  const parts = [
    draft.scope !== 'whole' && draft.scope,
    draft.optimiser === 'sgd' && 'SGD',
    (isSaid(draft.beta1) || isSaid(draft.beta2)) && `β ${draft.beta1 || '·'}, ${draft.beta2 || '·'}`,
    isSaid(draft.eps) && `ε ${draft.eps}`,
    isSaid(draft.half) && `half held out${draft.stopsEarly ? ', stops early' : ''}`,
    isSaid(draft.klBudget) && `KL ≤ ${draft.klBudget}`,
  ];
  return parts.filter(Boolean).join(', ');
}
