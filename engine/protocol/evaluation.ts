/** Evaluations: a data set × lanes × samples as one job that is stored as it goes and can be resumed. */
import { z } from 'zod';
import {
  DatasetName,
  DatasetPreview,
  DatasetSource,
  Problem,
  ProblemPrompt,
  ProblemSelection,
  PromptForm,
  PromptFormName,
} from './dataset';
import { Failure } from './errors';
import { FormatGrade, Grade, GraderInfo, GraderName, GraderPattern } from './grading';
import { Count, MAX_ENTRIES, MAX_LIST, Moment, Name, Path, Sentence, Text } from './limits';
import { RunId } from './runs';
import {
  GenerationSettings,
  GroupDefinition,
  ModelSettings,
  Preset,
  RunConfig,
  TemplateSettings,
} from './settings';

const MAX_LANES = 256;
export const MAX_PROBLEMS = 100_000;

/** Where a lane's delta comes from; `other` and `mean` are of the data set, the rest as in a run's `DeltaOrigin`. */
export const EvaluationOrigin = z.discriminatedUnion('kind', [
  /** SLOT: learned from the problem's own prompt. */
  z.strictObject({ kind: z.literal('own') }),
  z.strictObject({ kind: z.literal('minus') }),
  z.strictObject({ kind: z.literal('random'), seed: z.int().min(0).max(0xffff_ffff) }),
  /** Learned from the problem before in the job's order, the first one's from the last: a derangement. */
  z.strictObject({ kind: z.literal('other') }),
  z.strictObject({ kind: z.literal('template') }),
  /** One delta for all problems: the mean over so many problems of the data set that the job does not ask. */
  z.strictObject({ kind: z.literal('mean'), problems: z.int().min(1).max(1000) }),
  z.strictObject({ kind: z.literal('temperature') }),
]);
export type EvaluationOrigin = z.infer<typeof EvaluationOrigin>;

export const EvaluationLane = z.strictObject({
  name: z.string().trim().min(1).max(80),
  preset: Preset.default('transformers'),
  /** Optimisation steps T; 0 is the baseline, whatever the origin. */
  steps: z.int().min(0).max(1000),
  lr: z.number().positive().max(100).default(0.1),
  weightDecay: z.number().min(0).max(100).optional(),
  origin: EvaluationOrigin.default({ kind: 'own' }),
});
export type EvaluationLane = z.infer<typeof EvaluationLane>;

export const GraderChoice = z.strictObject({ name: GraderName, pattern: GraderPattern.optional() });
export type GraderChoice = z.infer<typeof GraderChoice>;

export const EvaluationConfig = z
  .strictObject({
    model: ModelSettings.prefault({}),
    dataset: DatasetSource,
    selection: ProblemSelection.prefault({}),
    form: PromptForm,
    template: TemplateSettings.prefault({}),
    /** The first with 0 steps is the baseline that the others are compared with. */
    lanes: z.array(EvaluationLane).min(1).max(MAX_LANES),
    /** The first is the headline; the rest are shown beside it. */
    graders: z.array(GraderChoice).min(1).max(20),
    generation: GenerationSettings.prefault({}),
    /** Answers to each problem, each with a seed of its own. */
    samples: z.int().min(1).max(64).default(1),
    /** pass@k for these k, by the headline grader; none above the samples. */
    passAt: z.array(z.int().min(1).max(64)).max(10).default([]),
    /** Answers that are decoded together. */
    rows: z.int().min(1).max(64).default(8),
    /** Groups besides the default ones, for the token figure. */
    groups: z.array(GroupDefinition).max(50).default([]),
    /**
     * A sweep: of the lanes, chosen on one half of the problems, the best is asked the other half as well, with the
     * baseline. Null: all lanes answer all problems.
     */
    sweep: z
      .strictObject({ split: z.boolean().default(true) })
      .nullable()
      .default(null),
    /** Go on although some gold answers are rejected by their own grader. */
    acceptRejected: z.boolean().default(true),
  })
  .refine(({ passAt, samples }) => passAt.every((k) => k <= samples), {
    message: 'pass@k needs at least k samples of each problem',
    path: ['passAt'],
  })
  .refine(
    ({ lanes }) => new Set(lanes.map(({ name }) => name)).size === lanes.length,
    'lane names must differ',
  )
  .refine(
    ({ graders }) => new Set(graders.map(({ name }) => name)).size === graders.length,
    'a grader is named twice',
  );
export type EvaluationConfig = z.infer<typeof EvaluationConfig>;
export type EvaluationConfigInput = z.input<typeof EvaluationConfig>;

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

/** A problem × lanes row: one character for each lane and sample, by the headline grader. */
export const MatrixRow = z.object({
  problem: Name,
  question: Text,
  /** Per lane its verdicts, sample by sample: `r`ight, `w`rong, `u`ndecided, `-` not yet. */
  verdicts: z.array(z.string().max(64)).max(MAX_LANES),
});
export type MatrixRow = z.infer<typeof MatrixRow>;

export const FigureToken = z.object({
  id: Count,
  token: Text,
  /** Mean shift over the problems in logits, as it is and centred by each problem's own mean over the vocabulary. */
  mean: z.number(),
  centred: z.number(),
  sd: z.number(),
  /** Mean probability moved to it over the prompt's positions. */
  massMoved: z.number(),
  /** Problems in which its centred shift is above and below 0, and the sign test's p corrected for the vocabulary. */
  up: Count,
  down: Count,
  corrected: z.number(),
});
export type FigureToken = z.infer<typeof FigureToken>;

/** What delta did to the vocabulary over all problems of a lane. */
export const TokenFigure = z.object({
  lane: Name,
  problems: Count,
  vocab: Count,
  boosted: z.array(FigureToken).max(MAX_LIST),
  suppressed: z.array(FigureToken).max(MAX_LIST),
  groups: z
    .array(
      z.object({
        name: Name,
        tokens: Count,
        centred: z.number(),
        lower: z.number(),
        upper: z.number(),
        massMoved: z.number(),
      }),
    )
    .max(MAX_LIST),
});
export type TokenFigure = z.infer<typeof TokenFigure>;

/**
 * `jsonl`: the job, its problems and its answers, which `evaluations.import` reads; `csv`: a row for each answer;
 * `markdown` and `latex`: the table of lanes.
 */
export const EXPORT_FORMATS = ['jsonl', 'csv', 'markdown', 'latex'] as const;
export const ExportFormat = z.enum(EXPORT_FORMATS);
export type ExportFormat = z.infer<typeof ExportFormat>;

/** What can be chosen, and what is usual for each data set. */
export const EvaluationOptions = z.object({
  forms: z
    .array(
      z.object({
        name: PromptFormName,
        title: Name,
        source: Sentence,
        /** As it is used with; null where it says nothing. */
        maxNewTokens: Count.nullable(),
        shots: Count,
      }),
    )
    .max(MAX_LIST),
  datasets: z
    .array(z.object({ name: DatasetName, form: PromptFormName, graders: z.array(GraderName).max(MAX_LIST) }))
    .max(MAX_LIST),
  graders: z.array(GraderInfo).max(MAX_LIST),
});
export type EvaluationOptions = z.infer<typeof EvaluationOptions>;

const OfJob = z.strictObject({ jobId: JobId });
const Nothing = z.unknown();

/** The `evaluations.*` methods, see METHODS. Progress follows as `evaluation` messages. */
export const EVALUATION_METHODS = {
  'evaluations.list': {
    params: z.strictObject({}),
    result: z.object({ jobs: z.array(JobInfo).max(MAX_ENTRIES) }),
  },
  'evaluations.options': { params: z.strictObject({}), result: EvaluationOptions },
  'evaluations.preview': { params: EvaluationConfig, result: EvaluationPreview },
  /** Answers once its problems are stored; one job works at a time, the others wait. */
  'evaluations.start': {
    params: z.strictObject({
      jobId: JobId,
      title: z.string().trim().max(200).default(''),
      config: EvaluationConfig,
    }),
    result: JobInfo,
  },
  'evaluations.pause': { params: OfJob, result: Nothing },
  'evaluations.resume': { params: OfJob, result: JobInfo },
  'evaluations.rename': {
    params: OfJob.extend({ title: z.string().trim().min(1).max(200) }),
    result: Nothing,
  },
  'evaluations.delete': { params: OfJob, result: Nothing },
  'evaluations.restore': { params: OfJob, result: Nothing },
  /** Grades the stored answers anew; the model is not asked. */
  'evaluations.regrade': {
    params: OfJob.extend({ graders: z.array(GraderChoice).min(1).max(20) }),
    result: JobInfo,
  },
  'evaluations.summary': {
    params: OfJob,
    result: z.object({ job: JobInfo, summary: EvaluationSummary, provenance: Provenance.nullable() }),
  },
  'evaluations.matrix': {
    params: OfJob,
    result: z.object({ lanes: z.array(Name).max(MAX_LANES), rows: z.array(MatrixRow).max(MAX_PROBLEMS) }),
  },
  /** One problem: how it was asked, and every answer to it. */
  'evaluations.problem': {
    params: OfJob.extend({ problem: Name }),
    result: z.object({
      problem: Problem,
      prompt: ProblemPrompt,
      answers: z.array(AnswerRecord).max(MAX_LIST * 8),
      /** The run that computes a lane's answer again beside the baseline's, with all its events. */
      run: RunConfig,
    }),
  },
  'evaluations.figure': { params: OfJob.extend({ lane: Name }), result: TokenFigure.nullable() },
  'evaluations.export': {
    params: OfJob.extend({ format: ExportFormat.default('jsonl') }),
    result: z.object({ text: z.string().max(2 ** 28) }),
  },
  'evaluations.import': {
    params: z.strictObject({ text: z.string().max(2 ** 28) }),
    result: JobInfo,
  },
} as const;

/** What a job tells as it goes: to every client, and as the lines of `eval --json`. */
export const EvaluationEvent = z.discriminatedUnion('type', [
  /** State and progress. */
  z.object({ type: z.literal('job'), job: JobInfo }),
  z.object({ type: z.literal('answer'), jobId: JobId, answer: AnswerRecord }),
  z.object({ type: z.literal('deleted'), jobId: JobId }),
]);
export type EvaluationEvent = z.infer<typeof EvaluationEvent>;
