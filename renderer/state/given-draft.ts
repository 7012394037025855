/** Deltas that a lane is given, as the user chooses them: numbers kept as typed. */
import { z } from 'zod';
import {
  type GivenDelta,
  GivenDelta as GivenDeltaSchema,
  GivenOrigin,
  type GivenSource,
  MAX_TERMS,
} from '../../engine/protocol';

export const TermDraft = z.object({
  factor: z.string().max(40),
  /** Updates of delta; empty is the last. */
  step: z.string().max(10),
  given: GivenDeltaSchema,
});
export type TermDraft = z.infer<typeof TermDraft>;

export const GivenDraft = z.object({ terms: z.array(TermDraft).max(MAX_TERMS), centred: z.boolean() });
export type GivenDraft = z.infer<typeof GivenDraft>;

export const NO_GIVEN: GivenDraft = { terms: [], centred: false };

export function givenDraft({ terms, centred }: GivenOrigin): GivenDraft {
  return { centred, terms: terms.map(({ factor, ...given }) => termOf(given, String(factor))) };
}

/** One more; several are averaged until the user says otherwise. */
export function withTerm(draft: GivenDraft, given: GivenDelta): GivenDraft {
  const isMean = draft.terms.every(({ factor }) => Number(factor) === share(draft.terms.length));
  const terms = [...draft.terms, termOf(given, isMean ? '' : '1')];
  return { ...draft, terms: isMean ? averaged(terms) : terms };
}

/** The same without one. */
export function withoutTerm(draft: GivenDraft, index: number): GivenDraft {
  const isMean = draft.terms.every(({ factor }) => Number(factor) === share(draft.terms.length));
  const terms = draft.terms.filter((_, i) => i !== index);
  return { ...draft, terms: isMean ? averaged(terms) : terms };
}

/** A delta of a run after another step is to be looked up anew. */
export function withStep(term: TermDraft, step: string): TermDraft {
  const { source } = term.given;
  if (source.kind !== 'run') return { ...term, step };
  const { step: _, ...bare } = source;
  const number = Number(step);
  const isStep = step.trim() !== '' && Number.isInteger(number);
  return { ...term, step, given: { source: isStep ? { ...bare, step: number } : bare } };
}

export function readGivenDraft({
  terms,
  centred,
}: GivenDraft): GivenOrigin | { readonly field: 'given'; readonly problem: string } {
  const field = 'given' as const;
  if (terms.length === 0) return { field, problem: 'Choose a delta of a stored run, or a file with one.' };
  const read = terms.map(({ factor, step, given }) => ({
    ...given,
    factor: factor.trim() === '' ? Number.NaN : Number(factor),
    isStep: step.trim() === '' || /^[1-9]\d{0,2}$|^1000$/.test(step.trim()),
  }));
  if (read.some(({ isStep }) => !isStep))
    return { field, problem: 'A step must be a whole number from 1 to 1000.' };
  const origin = GivenOrigin.safeParse({
    kind: 'given',
    centred,
    terms: read.map(({ isStep: _, ...term }) => term),
  });
  return origin.success ? origin.data : { field, problem: 'A factor must be a number from −100 to 100.' };
}

/** Which of a file's steps is meant, from 1 on; null while what is typed is none of them. */
export function readFileStep(text: string, steps: number): number | null {
  const step = /^\d{1,4}$/.test(text.trim()) ? Number(text) : 0;
  return step >= 1 && step <= steps ? step : null;
}

function termOf(given: GivenDelta, factor: string): TermDraft {
  return { factor, step: stepOf(given.source), given };
}

function stepOf({ step }: GivenSource): string {
  return step === undefined ? '' : String(step);
}

function averaged(terms: readonly TermDraft[]): TermDraft[] {
  return terms.map((term) => ({ ...term, factor: String(share(terms.length)) }));
}

/** 1 divided by so many, as it is typed. */
function share(count: number): number {
  return count === 0 ? 1 : Number((1 / count).toPrecision(6));
}
