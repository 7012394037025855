/** What was asked and opened lately, and the list of prompts that is stepped through. */
import { z } from 'zod';
import { ModelDraft, PromptKind } from './draft';

/** Longer ones are kept as runs alone. */
const MAX_RECENT_LENGTH = 20_000;
const MAX_RECENT_PROMPTS = 20;
const MAX_RECENT_MODELS = 8;
export const MAX_SET_PROMPTS = 1000;
/** Of all prompts of a set together: what the window remembers is bounded. */
export const MAX_SET_LENGTH = 500_000;

export const RecentPrompt = z.object({
  system: z.string().max(MAX_RECENT_LENGTH),
  prompt: z.string().min(1).max(MAX_RECENT_LENGTH),
  promptKind: PromptKind,
});
export type RecentPrompt = z.infer<typeof RecentPrompt>;

export const RecentModel = z.object({
  id: z.string().max(4000),
  dtype: z.string().max(200),
  choice: ModelDraft,
});
export type RecentModel = z.infer<typeof RecentModel>;

/** A system prompt of null leaves the form's as it is. */
export const SetPrompt = z.object({
  system: z.string().max(MAX_SET_LENGTH).nullable(),
  prompt: z.string().min(1).max(MAX_SET_LENGTH),
});
export type SetPrompt = z.infer<typeof SetPrompt>;

export const PromptSet = z.object({
  name: z.string().max(400),
  prompts: z.array(SetPrompt).min(1).max(MAX_SET_PROMPTS),
  at: z.int().min(0),
  /** Runs each prompt as it is come to. */
  runsEach: z.boolean(),
});
export type PromptSet = z.infer<typeof PromptSet>;

export interface PromptsState {
  /** The newest first. */
  readonly recentPrompts: readonly RecentPrompt[];
  readonly recentModels: readonly RecentModel[];
  /** Null where none is stepped through. */
  readonly promptSet: PromptSet | null;
}

export const INITIAL_PROMPTS: PromptsState = { recentPrompts: [], recentModels: [], promptSet: null };

export const PROMPTS_RULES = {
  recentPrompts: { persists: z.array(RecentPrompt).max(MAX_RECENT_PROMPTS) },
  recentModels: { persists: z.array(RecentModel).max(MAX_RECENT_MODELS) },
  promptSet: { persists: PromptSet.refine(({ at, prompts }) => at < prompts.length).nullable() },
} as const;

export function withRecentPrompt(
  recent: readonly RecentPrompt[],
  { system, prompt, promptKind }: RecentPrompt,
): readonly RecentPrompt[] {
  const used = RecentPrompt.safeParse({ system: promptKind === 'raw' ? '' : system, prompt, promptKind });
  return used.success ? withFirst(recent, used.data, MAX_RECENT_PROMPTS) : recent;
}

export function withRecentModel(recent: readonly RecentModel[], model: RecentModel): readonly RecentModel[] {
  return withFirst(recent, model, MAX_RECENT_MODELS);
}

function withFirst<T>(list: readonly T[], entry: T, most: number): readonly T[] {
  const key = JSON.stringify(entry);
  return [entry, ...list.filter((each) => JSON.stringify(each) !== key)].slice(0, most);
}
