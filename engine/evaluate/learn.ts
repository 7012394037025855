/** Deltas learned from one prompt: one optimisation for each setting gives those of all step counts along the way. */
import type { LanguageModel } from '../generate/language-model';
import { fitOf, type ScopedPrompt } from '../generate/scope';
import { noShift, type Shift } from '../generate/shift';
import type { ReadTokens } from '../model/prefix-cache';
import { EngineError, type EvaluationLane, learningKey } from '../protocol';
import type { Evaluation } from '../slot/evaluation';
import { PromptObjective, type WeightedObjective } from '../slot/objective';
import { NonFiniteStep, optimise } from '../slot/optimise';
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
  for (const settings of longestOf(wanted)) {
    const same = wanted.filter((lane) => learningKey(lane) === learningKey(settings));
    const steps = new Set(same.map((lane) => lane.steps));
    const keep = (count: number, result: Learned | string) =>
      learned.set(settingOf({ ...settings, steps: count }), result);
    try {
      const fit = fitOf(model, scoped, settings);
      await learnSteps(model, fit ? whole.weighted(fit) : whole, settings, steps, keep, signal);
    } catch (error) {
      if (error instanceof EngineError && error.code === 'scope')
        for (const count of steps) keep(count, error.message);
      else if (!(error instanceof NonFiniteStep)) throw error;
    }
  }
  return learned;
}

/** @throws NonFiniteStep, the signal's reason */
async function learnSteps(
  { head }: LanguageModel,
  objective: WeightedObjective,
  settings: EvaluationLane,
  steps: ReadonlySet<number>,
  keep: (steps: number, learned: Learned) => void,
  signal: AbortSignal,
): Promise<void> {
  const before = await objective.atZero();
  let last: Learned = { ...noShift(head), before, after: before };
  let taken = 0;
  for await (const { delta, b, after } of optimise(head, objective, settings)) {
    signal.throwIfAborted();
    taken++;
    last = { delta, b, before, after };
    if (steps.has(taken)) keep(taken, last);
  }
  // A limit may have ended the steps before: later ones stay where it is.
  for (const count of steps) if (count > taken) keep(count, last);
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
