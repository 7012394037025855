/** Problems with known answers, where they come from, and how a prompt is made of one. */
import { z } from 'zod';
import { Count, MAX_LIST, Name, Path, Sentence, Text } from './limits';
import { ChatMessage, Stops } from './settings';

/** One question with its right answer. */
export const Problem = z.strictObject({
  /** Unique within its data set. */
  id: Name.min(1),
  question: Text,
  /** The right answer as a grader is given it: for GSM8K what follows `####`. */
  gold: Text,
  /** Of a multiple-choice problem, in the order of their letters; `gold` is then a letter. */
  choices: z.array(Text).max(26).optional(),
  /** What problems are clustered by. */
  subject: Name.optional(),
  /** The problem's own system prompt, for forms that have none. */
  system: Text.optional(),
});
export type Problem = z.infer<typeof Problem>;

export const DATASET_NAMES = ['starter', 'gsm8k', 'math500', 'aime2024', 'gpqa-diamond', 'ceval'] as const;
export const DatasetName = z.enum(DATASET_NAMES);
export type DatasetName = z.infer<typeof DatasetName>;

/** Which columns of a file hold what; a file without `id` counts its rows. */
export const DatasetColumns = z.strictObject({
  question: Name.min(1).default('question'),
  answer: Name.min(1).default('answer'),
  /** One column that holds a list, or one column for each choice, A first. */
  choices: z.union([Name.min(1), z.array(Name.min(1)).min(2).max(26)]).optional(),
  subject: Name.min(1).optional(),
  system: Name.min(1).optional(),
  id: Name.min(1).optional(),
});
export type DatasetColumns = z.infer<typeof DatasetColumns>;

const DATASET_FORMATS = ['jsonl', 'csv', 'parquet'] as const;
export const DatasetFormat = z.enum(DATASET_FORMATS);
export type DatasetFormat = z.infer<typeof DatasetFormat>;

export const DatasetSource = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('named'),
    name: DatasetName,
    /** As the hub names it; null is the one that results are reported on. */
    split: z
      .string()
      .max(40)
      .regex(/^\w{1,40}$/, 'letters, digits and underscores')
      .nullable()
      .default(null),
  }),
  z.strictObject({
    kind: z.literal('file'),
    path: Path.min(1),
    /** Null goes by the file's name. */
    format: DatasetFormat.nullable().default(null),
    columns: DatasetColumns.prefault({}),
    /** The gold answer is what follows the last of these. Null: `####` where the first answer has it, else nothing. */
    goldAfter: Name.min(1).nullable().default(null),
    /** Leave broken lines out, counted and listed, in place of stopping at the first. */
    skipBroken: z.boolean().default(false),
  }),
]);
export type DatasetSource = z.infer<typeof DatasetSource>;
/** As a caller writes it, defaults left out. */
export type DatasetSourceInput = z.input<typeof DatasetSource>;

/** The halves of a data set, by a hash of each problem's id: one to choose settings on, one to report on. */
export const DatasetHalf = z.enum(['choose', 'report']);
export type DatasetHalf = z.infer<typeof DatasetHalf>;

/** Which problems of a data set: its half, shuffled, then `limit` from `offset` on. */
export const ProblemSelection = z.strictObject({
  /** Null is all. */
  limit: Count.min(1).nullable().default(null),
  offset: Count.default(0),
  /** Seed of the order; null keeps the file's. */
  shuffle: z.int().min(0).max(0xffff_ffff).nullable().default(null),
  half: DatasetHalf.nullable().default(null),
  /** Of the hash that makes the halves. */
  salt: z.string().max(200).default(''),
});
export type ProblemSelection = z.infer<typeof ProblemSelection>;
export type ProblemSelectionInput = z.input<typeof ProblemSelection>;

/** The forms that the reference and the harnesses ask in; `engine/dataset/forms.ts` has their texts and sources. */
export const PROMPT_FORMS = [
  'bare',
  'starter',
  'slot-gsm8k',
  'slot-math',
  'gpqa',
  'ceval',
  'lm-eval-gsm8k',
  'lm-eval-gsm8k-cot',
  'lm-eval-minerva-math',
] as const;
export const PromptFormName = z.enum(PROMPT_FORMS);
export type PromptFormName = z.infer<typeof PromptFormName>;

export const PromptForm = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('preset'), name: PromptFormName }),
  /** Templates know {{question}}, {{choices}} and {{subject}}. */
  z.strictObject({
    kind: z.literal('template'),
    system: Text.nullable().default(null),
    user: Text,
    stops: Stops.default([]),
    /** A text to go on with, without the model's chat template. */
    raw: z.boolean().default(false),
  }),
]);
export type PromptForm = z.infer<typeof PromptForm>;

/** What the model is asked; where it is `raw` there is one user message, whose content is the text to go on with. */
export const ProblemPrompt = z.strictObject({
  messages: z.array(ChatMessage).min(1).max(MAX_LIST),
  /** Texts that end an answer. */
  stops: Stops,
  raw: z.boolean(),
});
export type ProblemPrompt = z.infer<typeof ProblemPrompt>;

/** A row that could not be read. */
export const BrokenRow = z.object({
  /** Of the file, from 1; of Parquet the row. */
  line: Count,
  message: Sentence,
});
export type BrokenRow = z.infer<typeof BrokenRow>;

/** A data set before anything runs on it. */
export const DatasetPreview = z.object({
  /** Problems that were selected, and how many there are; null where only a beginning was read. */
  n: Count,
  total: Count.nullable(),
  /** All that the file has. */
  columns: z.array(Name).max(MAX_LIST),
  /** What the gold answer is taken from, in words. */
  gold: Sentence,
  licence: Sentence,
  /** Where it lies. */
  source: Sentence,
  problems: z.array(z.object({ problem: Problem, prompt: ProblemPrompt })).max(MAX_LIST),
  /** The first of them; `brokenCount` is all. */
  broken: z.array(BrokenRow).max(MAX_LIST),
  brokenCount: Count,
  /** Ids of golds that their own grader rejects: the first of them, and how many. */
  rejected: z.array(Name).max(MAX_LIST),
  rejectedCount: Count,
});
export type DatasetPreview = z.infer<typeof DatasetPreview>;
