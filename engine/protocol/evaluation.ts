/** What an evaluation gives: answers, what is summed up of them, and what a job tells as it goes. */
import { z } from 'zod';
import { DatasetPreview } from './dataset';
import { Failure } from './errors';
import { EvaluationConfig, EvaluationLane } from './evaluation-settings';
import { FormatGrade, Grade, GraderName } from './grading';
import { Count, MAX_ENTRIES, MAX_LIST, Moment, Name, Path, RunId, Sentence, Text } from './limits';
import { ServerConcurrency, ServerUse } from './server';

/** Why an answer ended. `stop`: a stop text of the prompt form. */
export const AnswerEnd = z.enum(['eos', 'length', 'stop', 'failed']);
export type AnswerEnd = z.infer<typeof AnswerEnd>;

/** One answer: a line of a job's file. */
export const AnswerRecord = z.strictObject({
  problem: Name.min(1),
  lane: Name.min(1),
  sample: Count,
  text: Text,
  end: AnswerEnd,
  tokens: Count,
  /** Its end repeats itself, see `endsInLoop`. */
  loops: z.boolean(),
  promptTokens: Count,
  /** Of the draws: the job's, the sample's and the problem's together. */
  seed: Count,
  /** Of the prompt, in nats, before and after the lane's steps; null for lanes that learn nothing from it. */
  loss: z.tuple([z.number(), z.number()]).nullable(),
  deltaNorm: z.number().min(0),
  /** Mean entropy of the distributions that its tokens were chosen from, nats to 4 places; null where none was. */
  entropy: z.number().nullable(),
  /** Of a lane of matched temperature: the one that its answer was drawn at. */
  temperature: z.number().optional(),
  grades: z.partialRecord(GraderName, Grade),
  format: FormatGrade,
  /** Why there is no answer. */
  failure: Sentence.optional(),
});
export type AnswerRecord = z.infer<typeof AnswerRecord>;

/** A share with Wilson's interval at 95 %. */
export const Rate = z.object({
  of: Count,
  count: z.number(),
  rate: z.number(),
  lower: z.number(),
  upper: z.number(),
});
export type Rate = z.infer<typeof Rate>;

/** A lane against the baseline, on the problems that both have answered. */
export const Comparison = z.object({
  n: Count,
  /** Problems that only the lane, or only the baseline, got right (by the mean over samples where there are several). */
  b: Count,
  c: Count,
  /** Exact McNemar, two-sided; `corrected`: by Holm over the lanes compared, null where nothing was corrected. */
  p: z.number(),
  corrected: z.number().nullable(),
  /** Accuracy of the lane less the baseline's, with the paired bootstrap's interval at 95 %. */
  difference: z.number(),
  lower: z.number(),
  upper: z.number(),
});
export type Comparison = z.infer<typeof Comparison>;

export const GraderSummary = z.object({
  grader: GraderName,
  right: Rate,
  undecided: Count,
  /** Null for the baseline itself. */
  versus: Comparison.nullable(),
});
export type GraderSummary = z.infer<typeof GraderSummary>;

export const LaneSummary = z.object({
  lane: EvaluationLane,
  /** Of a sweep: whether it was chosen, and which half the figures are from. */
  selected: z.boolean(),
  half: z.enum(['all', 'choose', 'report']),
  answers: Count,
  failed: Count,
  /** Mean over problems with all their samples. */
  passAt: z.array(z.object({ k: Count, of: Count, rate: z.number() })).max(10),
  graders: z.array(GraderSummary).max(MAX_LIST),
  strict: Rate,
  lenient: Rate,
  /** Headline accuracy among answers in the strict form. */
  rightGivenStrict: Rate,
  meanTokens: z.number().nullable(),
  /** Mean over problems of its tokens less the baseline's. */
  tokensVersus: z.number().nullable(),
  /** Answers that the cap on new tokens cut off. */
  cut: Rate,
  loops: Rate,
  /** Answers whose text is the baseline's. */
  unchanged: Rate.nullable(),
  loss: z.tuple([z.number(), z.number()]).nullable(),
});
export type LaneSummary = z.infer<typeof LaneSummary>;

export const EvaluationSummary = z.object({
  problems: Count,
  /** What may be claimed and what not, a sentence each. */
  claims: z.array(Sentence).max(MAX_LIST),
  lanes: z.array(LaneSummary).max(MAX_LIST),
  /** By subject: headline accuracy of each lane. */
  subjects: z
    .array(z.object({ subject: Name, lanes: z.array(z.object({ lane: Name, right: Rate })).max(MAX_LIST) }))
    .max(MAX_LIST),
});
export type EvaluationSummary = z.infer<typeof EvaluationSummary>;

export const JobState = z.enum(['waiting', 'running', 'paused', 'interrupted', 'done', 'failed']);
export type JobState = z.infer<typeof JobState>;

/** What makes a result again. */
export const Provenance = z.object({
  /** The command line that does the same. */
  command: Text,
  app: Name,
  onnxruntime: Name,
  node: Name,
  platform: Name,
  model: z.object({
    id: Path,
    dtype: Name,
    files: z.array(z.object({ path: Path, bytes: Count, sha256: Name })).max(MAX_ENTRIES),
  }),
  dataset: z.object({
    source: Sentence,
    licence: Sentence,
    gold: Sentence,
    total: Count.nullable(),
    sha256: Name,
  }),
  graders: z.array(z.object({ name: GraderName, version: Count })).max(MAX_LIST),
  /**
   * How rows share a batch (padded on a side, of equal length, or one at a time), and how far a row's logits are from
   * those of the row alone.
   */
  batching: z
    .object({
      rows: z.enum(['left', 'right', 'equal', 'apart']),
      exact: z.boolean(),
      largestDifference: z.number().nonnegative(),
    })
    .nullable()
    .default(null),
  /** Where the model's layers ran; left out where that was here. */
  server: ServerUse.optional(),
  /** Of that server; left out until answers were asked for. */
  concurrency: ServerConcurrency.optional(),
});
export type Provenance = z.infer<typeof Provenance>;

export const JobId = RunId;

/** A job as the list shows it. */
export const JobInfo = z.object({
  jobId: JobId,
  title: z.string().max(200),
  createdAt: Moment,
  config: EvaluationConfig,
  state: JobState,
  /** Why it failed. */
  error: Failure.nullable(),
  /** Answers so far and in all; a sweep's second half counts once its lane is chosen. */
  done: Count,
  total: Count,
  /** Null until some answers have been timed in this process. */
  secondsLeft: z.number().nullable(),
  /** What it is at: `optimising`, `answering` … with the number of the problem; null where it is not running. */
  activity: Sentence.nullable(),
  notices: z.array(Sentence).max(MAX_LIST),
});
export type JobInfo = z.infer<typeof JobInfo>;

/** A job before it runs: what it will ask, and what can be seen with so many problems. */
export const EvaluationPreview = z.object({
  dataset: DatasetPreview,
  /** The first problems as the model reads them. */
  prompts: z.array(z.object({ problem: Name, text: Text, tokens: Count })).max(20),
  answers: Count,
  /** The smallest difference, as a share, seen with 80 % power at 20 % discordance; null where none can be. */
  detectable: z.number().nullable(),
  notices: z.array(Sentence).max(MAX_LIST),
});
export type EvaluationPreview = z.infer<typeof EvaluationPreview>;

/** What a job tells as it goes: to every client, and as the lines of `eval --json`. */
export const EvaluationEvent = z.discriminatedUnion('type', [
  /** State and progress. */
  z.object({ type: z.literal('job'), job: JobInfo }),
  z.object({ type: z.literal('answer'), jobId: JobId, answer: AnswerRecord }),
  z.object({ type: z.literal('deleted'), jobId: JobId }),
]);
export type EvaluationEvent = z.infer<typeof EvaluationEvent>;
