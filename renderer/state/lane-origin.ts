/** Where a lane's delta comes from, as the user sets it up: kept as typed, checked when a run is to start. */
import { z } from 'zod';
import { DeltaOrigin, describeOrigin, Prompt } from '../../engine/protocol';
import { GivenDraft, givenDraft, NO_GIVEN, readGivenDraft } from './given-draft';

export const ORIGIN_KINDS = [
  'own',
  'minus',
  'scaled',
  'centred',
  'random',
  'prompts',
  'template',
  'given',
  'temperature',
] as const;
const OriginKind = z.enum(ORIGIN_KINDS);
export type OriginKind = z.infer<typeof OriginKind>;

export const OriginDraft = z.object({
  kind: OriginKind,
  /** Of `random`. */
  seed: z.string(),
  /** Of `scaled`. */
  factor: z.string().default('0.5'),
  given: GivenDraft.default(NO_GIVEN),
  /** Of `prompts`: what the user would say instead; several texts have lines of --- between them. */
  others: z.string(),
  /** The prompts of a run that was taken up, whole, until `others` is changed. */
  kept: z.array(Prompt).nullable(),
});
export type OriginDraft = z.infer<typeof OriginDraft>;

export const OWN_DELTA: OriginDraft = {
  kind: 'own',
  seed: '1',
  factor: '0.5',
  given: NO_GIVEN,
  others: '',
  kept: null,
};

export const ORIGIN_TEXTS: Readonly<Record<OriginKind, { readonly title: string; readonly lane: string }>> = {
  own: { title: 'SLOT: own delta', lane: 'slot' },
  minus: { title: 'minus own delta', lane: 'minus' },
  scaled: { title: 'own delta, scaled', lane: 'scaled' },
  centred: { title: 'own delta, centred', lane: 'centred' },
  random: { title: 'random delta', lane: 'random' },
  prompts: { title: "another prompt's delta", lane: 'other prompt' },
  template: { title: 'template alone', lane: 'template' },
  given: { title: 'given: learned before', lane: 'given' },
  temperature: { title: 'matched temperature', lane: 'temperature' },
};

/** A field of the origin that is wrong, and why. */
export interface OriginProblem {
  readonly field: 'seed' | 'factor' | 'given' | 'others';
  readonly problem: string;
}

/** @param promptOf a text in the form of the run's own prompt */
export function readOrigin(
  { kind, seed, factor, given, others, kept }: OriginDraft,
  promptOf: (text: string) => Prompt,
): DeltaOrigin | OriginProblem {
  if (kind === 'random') {
    const number = seed.trim() === '' ? Number.NaN : Number(seed);
    const read = DeltaOrigin.safeParse({ kind, seed: number });
    if (read.success) return read.data;
    return { field: 'seed', problem: 'Must be a whole number from 0 to 4294967295.' };
  }
  if (kind === 'scaled') {
    const read = DeltaOrigin.safeParse({ kind, factor: factor.trim() === '' ? Number.NaN : Number(factor) });
    if (read.success) return read.data;
    return { field: 'factor', problem: 'Must be a number from −10 to 10.' };
  }
  if (kind === 'given') return readGivenDraft(given);
  if (kind !== 'prompts') return { kind };
  const prompts = kept ?? textsOf(others).map(promptOf);
  const read = DeltaOrigin.safeParse({ kind, prompts });
  if (read.success) return read.data;
  const problem = prompts.length === 0 ? 'Write the other prompt.' : 'At most 1000 other prompts.';
  return { field: 'others', problem };
}

export function originDraft(origin: DeltaOrigin): OriginDraft {
  if (origin.kind === 'random') return { ...OWN_DELTA, kind: origin.kind, seed: String(origin.seed) };
  if (origin.kind === 'scaled') return { ...OWN_DELTA, kind: origin.kind, factor: String(origin.factor) };
  if (origin.kind === 'given') return { ...OWN_DELTA, kind: origin.kind, given: givenDraft(origin) };
  if (origin.kind !== 'prompts') return { ...OWN_DELTA, kind: origin.kind };
  const others = origin.prompts.map(wordsOf).join('\n---\n');
  return { ...OWN_DELTA, kind: origin.kind, others, kept: origin.prompts };
}

/** As a run's settings are described, also before they are whole. */
export function describeOriginDraft(draft: OriginDraft): string {
  if (draft.kind === 'random') return describeOrigin({ kind: draft.kind, seed: Number(draft.seed) });
  if (draft.kind === 'scaled') return describeOrigin({ kind: draft.kind, factor: Number(draft.factor) });
  if (draft.kind === 'given') {
    const read = readGivenDraft(draft.given);
    return 'problem' in read ? 'given delta' : describeOrigin(read);
  }
  if (draft.kind !== 'prompts') return describeOrigin({ kind: draft.kind });
  const prompts = draft.kept ?? textsOf(draft.others).map((text): Prompt => ({ kind: 'raw', text }));
  return describeOrigin({
    kind: 'prompts',
    prompts: prompts.length > 0 ? prompts : [{ kind: 'raw', text: '' }],
  });
}

function textsOf(others: string): string[] {
  return others
    .split(/^---$/m)
    .map((text) => text.trim())
    .filter((text) => text !== '');
}

function wordsOf(prompt: Prompt): string {
  if (prompt.kind === 'raw') return prompt.text;
  return prompt.messages.findLast(({ role }) => role === 'user')?.content ?? '';
}
