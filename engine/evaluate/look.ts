/** What is looked up in a job: the matrix of problems and lanes, and one problem with all its answers. */
import { renderPrompt } from '../dataset/forms';
import {
  type AnswerRecord,
  badInput,
  type DeltaOrigin,
  type EvaluationLane,
  type LaneSettings,
  learningOf,
  type MatrixRow,
  type Problem,
  type ProblemPrompt,
  type Result,
  RunConfig,
} from '../protocol';
import type { Job } from './job';
import { promptOf, withStops } from './lane-shifts';
import { baselineOf } from './lanes';
import { seedOf } from './seeds';

const LETTERS = { right: 'r', wrong: 'w', undecided: 'u' } as const;
/** A run takes no more lanes. */
const MAX_LANES = 8;
const MAX_QUESTION = 200;

export function matrixOf({ tally, problems }: Job): Result<'evaluations.matrix'> {
  const lanes = tally.lanes.map(({ name }) => name);
  const grader = tally.graders[0]!;
  const rows: MatrixRow[] = problems.map(({ id, question }) => ({
    problem: id,
    question: question.slice(0, MAX_QUESTION),
    verdicts: lanes.map((lane) => {
      const answers = tally.of(lane, id);
      if (answers.length === 0) return '-';
      return answers.map(({ verdicts }) => LETTERS[verdicts.get(grader) ?? 'undecided']).join('');
    }),
  }));
  return { lanes, rows };
}

/** @throws EngineError `no-problem` */
export function problemOf(job: Job, id: string): Result<'evaluations.problem'> {
  const index = job.problems.findIndex((problem) => problem.id === id);
  const problem = job.problems[index];
  if (!problem) throw badInput('no-problem', `the evaluation has no problem "${id}"`);
  const { config } = job.folder.manifest;
  const answers: AnswerRecord[] = [...job.folder.answers(id)];
  const order = new Map(config.lanes.map(({ name }, at) => [name, at]));
  answers.sort((a, b) => order.get(a.lane)! - order.get(b.lane)! || a.sample - b.sample);
  const prompt = renderPrompt(config.form, problem);
  return { problem, prompt, answers, run: runOf(job, index, prompt) };
}

/** The run that shows what the job did with a problem: the baseline and as many lanes as a run takes. */
function runOf(job: Job, index: number, prompt: ProblemPrompt): RunConfig {
  const { config } = job.folder.manifest;
  const baseline = baselineOf(config.lanes);
  const rest = config.lanes.filter((lane) => lane !== baseline);
  const lanes = [baseline, ...rest].slice(0, MAX_LANES);
  const ask = (problem: Problem) => promptOf(renderPrompt(config.form, problem));
  const before = job.problems[(index + job.problems.length - 1) % job.problems.length]!;
  const heldOut = job.folder.heldOut();
  const originOf = ({ origin }: EvaluationLane): DeltaOrigin => {
    if (origin.kind === 'other') return { kind: 'prompts', prompts: [ask(before)] };
    if (origin.kind === 'mean')
      return { kind: 'prompts', prompts: heldOut.slice(0, origin.problems).map(ask) };
    return origin;
  };
  const settings = lanes.map((lane): LaneSettings => {
    const { name, steps } = lane;
    return { name, steps, ...learningOf(lane), origin: originOf(lane), forcedPrefix: [] };
  });
  return RunConfig.parse({
    model: config.model,
    prompt: promptOf(prompt),
    template: config.template,
    lanes: settings,
    generation: {
      ...withStops(config.generation, prompt),
      seed: seedOf(config.generation.seed, 0, job.problems[index]!.id),
    },
    groups: config.groups,
  } satisfies { [K in keyof RunConfig]?: unknown } & { lanes: unknown });
}
