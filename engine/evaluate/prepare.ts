/** From settings to a job: its problems are read and checked before anything runs. */
import { describeDataset } from '../dataset/describe';
import { PRESET_FORMS, renderPrompt } from '../dataset/forms';
import { openDataset } from '../dataset/open';
import { selectProblems } from '../dataset/select';
import type { LanguageModel } from '../generate/language-model';
import type { Graders } from '../grade/graders';
import {
  badInput,
  type EvaluationConfig,
  type EvaluationPreview,
  MAX_PROBLEMS,
  type Problem,
} from '../protocol';
import { detectableDifference } from '../statistics';
import { encodeProblem } from './lane-shifts';
import { leaderOf } from './lanes';
import { totalOf } from './sweep';
import { Tally } from './tally';

const HELD_OUT_SEED = 0x5107;
/** Prompts that a preview shows. */
const SHOWN = 3;

export interface Prepared {
  readonly problems: readonly Problem[];
  readonly heldOut: readonly Problem[];
  readonly dataset: EvaluationPreview['dataset'];
  readonly notices: readonly string[];
}

/**
 * @throws EngineError for lanes that do not go together, a data set that cannot be read, golds that their grader rejects
 * where that is not accepted
 */
export async function prepare(
  config: EvaluationConfig,
  graders: Graders,
  signal: AbortSignal,
): Promise<Prepared> {
  checkLanes(config);
  const dataset = await openDataset(config.dataset, { signal });
  const selected = await selectProblems(dataset, config.selection, signal);
  const { problems } = selected;
  if (problems.length === 0)
    throw badInput('no-problems', 'no problem of the data set is selected', 'Take a smaller offset.');
  if (problems.length > MAX_PROBLEMS)
    throw badInput(
      'too-many-problems',
      `at most ${MAX_PROBLEMS} problems are asked`,
      'Ask for fewer: "At most", or --limit.',
    );
  const rejected = await rejectedOf(problems, config, graders);
  const described = describeDataset(dataset, selected, config.form, ({ id }) => rejected.has(id));
  if (rejected.size > 0 && !config.acceptRejected) {
    const ids = [...rejected].slice(0, 10).join(', ');
    const message = `${rejected.size} of ${problems.length} gold answers are rejected by ${config.graders[0]!.name} itself: ${ids}`;
    throw badInput('rejected-golds', message, 'Choose another grader first, or accept them.');
  }
  const heldOut = await heldOutOf(config, problems, signal);
  return { problems, heldOut, dataset: described, notices: noticesOf(config, described) };
}

/** @throws EngineError where a lane lacks another that it needs */
function checkLanes({ lanes, sweep }: EvaluationConfig): void {
  for (const lane of lanes) {
    if (lane.origin.kind !== 'temperature' || lane.steps === 0 || leaderOf(lane, lanes)) continue;
    throw badInput(
      'no-leader',
      `lane "${lane.name}" is matched to a SLOT lane of the same steps, lr, preset and weight decay, and there is none`,
      'Add that lane, or leave this one out.',
    );
  }
  if (!lanes.some(({ steps }) => steps === 0))
    throw badInput('no-baseline', 'no lane is the baseline', 'Add a lane of 0 steps.');
  if (sweep && lanes.length < 2)
    throw badInput('no-cells', 'a sweep of one lane chooses nothing', 'Give more steps or learning rates.');
}

/** Ids of the problems whose gold answer the headline grader does not accept as an answer. */
async function rejectedOf(
  problems: readonly Problem[],
  { graders: [headline] }: EvaluationConfig,
  graders: Graders,
): Promise<ReadonlySet<string>> {
  const rejected = new Set<string>();
  const { name, pattern } = headline!;
  for (const { id, gold, choices } of problems) {
    const rejects = await graders.goldRejected(name, {
      gold,
      ...(choices ? { choices } : {}),
      ...(pattern === undefined ? {} : { pattern }),
    });
    if (rejects) rejected.add(id);
  }
  return rejected;
}

/** Problems besides the job's, for lanes of a mean delta: drawn, with a seed of their own. */
async function heldOutOf(
  { lanes, dataset: source, selection }: EvaluationConfig,
  asked: readonly Problem[],
  signal: AbortSignal,
): Promise<readonly Problem[]> {
  const count = Math.max(0, ...lanes.map(({ origin }) => (origin.kind === 'mean' ? origin.problems : 0)));
  if (count === 0) return [];
  const ids = new Set(asked.map(({ id }) => id));
  const limit = count + asked.length;
  const all = await selectProblems(
    await openDataset(source, { signal }),
    { ...selection, offset: 0, limit, shuffle: HELD_OUT_SEED },
    signal,
  );
  const others = all.problems.filter(({ id }) => !ids.has(id)).slice(0, count);
  if (others.length === count) return others;
  throw badInput(
    'too-few-problems',
    `the data set has ${others.length} problems besides the ${asked.length} of the job, and a mean delta is to be of ${count}`,
    'Ask fewer problems ("At most", or --limit), or leave the mean out.',
  );
}

/** What is said before anything runs. */
function noticesOf(
  config: EvaluationConfig,
  { n, rejectedCount, brokenCount }: Prepared['dataset'],
): string[] {
  const { graders, generation, lanes } = config;
  const notices: string[] = [];
  if (rejectedCount > 0) {
    notices.push(
      `The grader ${graders[0]!.name} rejects ${rejectedCount} of ${n} gold answers when they are given back to it: no answer to those problems can count as right.`,
    );
  }
  if (brokenCount > 0) notices.push(`${brokenCount} rows could not be read and are left out.`);
  if (generation.temperature === 0 && lanes.some(({ origin }) => origin.kind === 'temperature')) {
    notices.push(
      'Answers are greedy, which no temperature changes: the lane of matched temperature answers as the baseline does.',
    );
  }
  if (generation.temperature === 0 && config.samples > 1)
    notices.push('Answers are greedy: all samples of a problem are the same.');
  return notices;
}

/** A job before it runs. @param model open, of the job's settings */
export function previewOf(
  config: EvaluationConfig,
  prepared: Prepared,
  model: LanguageModel,
): EvaluationPreview {
  const { problems, dataset, notices } = prepared;
  const tally = new Tally(config, problems, []);
  const prompts = problems.slice(0, SHOWN).map((problem) => {
    const { text, ids } = encodeProblem(model, config, renderPrompt(config.form, problem));
    return { problem: problem.id, text, tokens: ids.length };
  });
  return {
    dataset,
    prompts,
    answers: totalOf(tally),
    detectable: detectableDifference(problems.length),
    notices: [...notices, ...capNotices(config)],
  };
}

function capNotices({ generation, form }: EvaluationConfig): string[] {
  const asked = form.kind === 'preset' ? PRESET_FORMS[form.name].maxNewTokens : null;
  if (asked === null || generation.maxNewTokens >= asked) return [];
  return [
    `Answers are cut at ${generation.maxNewTokens} tokens; this form of prompt is used with ${asked}: a cut answer counts as it stands.`,
  ];
}
