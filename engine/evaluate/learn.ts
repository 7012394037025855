/** Deltas learned from one prompt: one optimisation for each setting gives those of all step counts along the way. */
import type { LanguageModel } from '../generate/language-model';
import { fitOf, type ScopedPrompt } from '../generate/scope';
import { noShift, type Shift } from '../generate/shift';
import type { ReadTokens } from '../model/prefix-cache';
import { EngineError, type EvaluationLane, learningKey } from '../protocol';
import type { Evaluation } from '../slot/evaluation';
import { PromptObjective } from '../slot/objective';
import { optimiseTogether, type Task } from '../slot/optimise';
import { settingOf } from './lanes';

/** A delta after some steps. */
export interface Learned extends Shift {
  readonly before: Evaluation;
  readonly after: Evaluation;
}

/** By setting and steps; why there is none, in its place. Missing where the loss stopped being finite before. */
export type LearnedBySetting = ReadonlyMap<string, Learned | string>;

/** @throws the signal's reason */
export async function learnFrom(
  model: LanguageModel,
  sequence: ReadTokens,
  scoped: ScopedPrompt,
  lanes: readonly EvaluationLane[],
  signal: AbortSignal,
): Promise<LearnedBySetting> {
  const learned = new Map<string, Learned | string>();
  const wanted = lanes.filter(({ steps }) => steps > 0);
  if (wanted.length === 0 || sequence.ids.length < 2) return learned;
  const whole = new PromptObjective(model.head, sequence.hidden, sequence.ids.slice(1), () =>
    signal.throwIfAborted(),
  );
  const tasks: LearnTask[] = [];
  for (const settings of longestOf(wanted)) {
    const same = wanted.filter((lane) => learningKey(lane) === learningKey(settings));
    const steps = new Set(same.map((lane) => lane.steps));
    const keep = (count: number, result: Learned | string) =>
      learned.set(settingOf({ ...settings, steps: count }), result);
    try {
      const fit = fitOf(model, scoped, settings);
      tasks.push({ objective: fit ? whole.weighted(fit) : whole, settings, steps, keep });
    } catch (error) {
      if (!(error instanceof EngineError && error.code === 'scope')) throw error;
      for (const count of steps) keep(count, error.message);
    }
  }
  await learnTogether(model, tasks, signal);
  return learned;
}

interface LearnTask extends Task {
  /** After which it is asked for. */
  readonly steps: ReadonlySet<number>;
  readonly keep: (steps: number, learned: Learned) => void;
}

/** @throws the signal's reason */
async function learnTogether(
  { head }: LanguageModel,
  tasks: readonly LearnTask[],
  signal: AbortSignal,
): Promise<void> {
  const reached: { taken: number; last: Learned }[] = [];
  for (const { objective } of tasks) {
    const before = await objective.atZero();
    const last = { ...noShift(head), before, after: before };
    reached.push({ taken: 0, last });
  }
  const failed = new Set<number>();
  for await (const outcome of optimiseTogether(head, tasks)) {
    signal.throwIfAborted();
    const { steps, keep } = tasks[outcome.task]!;
    const at = reached[outcome.task]!;
    if ('failed' in outcome) failed.add(outcome.task);
    if (!('result' in outcome)) continue;
    const { delta, b, after } = outcome.result;
    at.taken++;
    at.last = { delta, b, before: at.last.before, after };
    if (steps.has(at.taken)) keep(at.taken, at.last);
  }
  // A limit may have ended the steps before: later ones stay where it is.
  for (const [i, { steps, keep }] of tasks.entries()) {
    const { taken, last } = reached[i]!;
    if (!failed.has(i)) for (const count of steps) if (count > taken) keep(count, last);
  }
}

/** Each setting once, with its most steps. */
function longestOf(lanes: readonly EvaluationLane[]): EvaluationLane[] {
  const longest = new Map<string, EvaluationLane>();
  for (const lane of lanes) {
    const known = longest.get(learningKey(lane));
    if (!known || known.steps < lane.steps) longest.set(learningKey(lane), lane);
  }
  return [...longest.values()];
}
