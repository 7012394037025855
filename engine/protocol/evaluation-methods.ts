/** The `evaluations.*` methods, see METHODS, and what they look up. Progress follows as `evaluation` messages. */
import { z } from 'zod';
import { DatasetName, Problem, ProblemPrompt, PromptFormName } from './dataset';
import { AnswerRecord, EvaluationPreview, EvaluationSummary, JobId, JobInfo, Provenance } from './evaluation';
import { EvaluationConfig, GraderChoice, MAX_EVALUATION_LANES, MAX_PROBLEMS } from './evaluation-settings';
import { GraderInfo, GraderName } from './grading';
import { Count, MAX_ENTRIES, MAX_LIST, Name, Sentence, Text } from './limits';
import { RunConfig } from './settings';

/** A problem × lanes row: one character for each lane and sample, by the headline grader. */
export const MatrixRow = z.object({
  problem: Name,
  question: Text,
  /** Per lane its verdicts, sample by sample: `r`ight, `w`rong, `u`ndecided, `-` not yet. */
  verdicts: z.array(z.string().max(64)).max(MAX_EVALUATION_LANES),
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

/** An evaluation that cannot be read, and what is wrong with it; it can be deleted. */
export const DamagedJob = z.object({ jobId: JobId, why: Sentence });
export type DamagedJob = z.infer<typeof DamagedJob>;

const OfJob = z.strictObject({ jobId: JobId });
const Nothing = z.unknown();

/** The `evaluations.*` methods, see METHODS. Progress follows as `evaluation` messages. */
export const EVALUATION_METHODS = {
  'evaluations.list': {
    params: z.strictObject({}),
    result: z.object({
      jobs: z.array(JobInfo).max(MAX_ENTRIES),
      damaged: z.array(DamagedJob).max(MAX_ENTRIES),
    }),
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
    result: z.object({
      lanes: z.array(Name).max(MAX_EVALUATION_LANES),
      rows: z.array(MatrixRow).max(MAX_PROBLEMS),
    }),
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
