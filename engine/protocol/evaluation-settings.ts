/** What is asked of an evaluation: a data set × lanes × samples, as one job. */
import { z } from 'zod';
import { DatasetSource, ProblemSelection, PromptForm } from './dataset';
import { GivenOrigin } from './given';
import { GraderName, GraderPattern } from './grading';
import { LEARNING_FIELDS } from './learning';
import {
  GenerationSettings,
  GroupDefinition,
  ModelSettings,
  ScaleFactor,
  TemplateSettings,
} from './settings';

export const MAX_EVALUATION_LANES = 256;
export const MAX_PROBLEMS = 100_000;

/** Where a lane's delta comes from; `other` and `mean` are of the data set, the rest as in a run's `DeltaOrigin`. */
export const EvaluationOrigin = z.discriminatedUnion('kind', [
  /** SLOT: learned from the problem's own prompt. */
  z.strictObject({ kind: z.literal('own') }),
  z.strictObject({ kind: z.literal('minus') }),
  z.strictObject({ kind: z.literal('scaled'), factor: ScaleFactor }),
  z.strictObject({ kind: z.literal('centred') }),
  /** The same for all problems. */
  GivenOrigin,
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
  ...LEARNING_FIELDS,
  /** Optimisation steps T; 0 is the baseline, whatever the origin. */
  steps: z.int().min(0).max(1000),
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
    lanes: z.array(EvaluationLane).min(1).max(MAX_EVALUATION_LANES),
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
