/** Answers to a 100-token prompt from both sides in turns: what several things are read off. */

import type { Contender } from '../contenders/contender';
import type { Answered } from '../contenders/side';
import { alternate } from '../measure';
import type { BenchModel } from '../models/models';
import { prompt } from '../models/prompts';
import type { Pair } from './load';

export const PROMPT_TOKENS = 100;
export const SLOT_STEPS = 5;

const LANES = {
  baseline: [0],
  slot: [SLOT_STEPS],
  /** A baseline beside a lane that SLOT has adapted: what the window shows most. */
  two: [0, 1],
};
export type Answers = Readonly<Record<'theirs' | keyof typeof LANES, readonly Answered[]>>;

export function collectAnswers(
  model: BenchModel,
  { ours, theirs }: Pair,
  rounds: number,
  newTokens: number,
): Promise<Answers> {
  const answer = (side: Contender, lanes: readonly number[]) => () =>
    side.answer({ prompt: prompt(model, PROMPT_TOKENS), newTokens, lanes });
  return alternate(rounds, {
    theirs: answer(theirs, LANES.baseline),
    baseline: answer(ours, LANES.baseline),
    slot: answer(ours, LANES.slot),
    two: answer(ours, LANES.two),
  });
}

/** Milliseconds between tokens, whatever lane they are of, from the first that another follows to the last. */
export function pace({ tokens }: Answered, lanes = 1): number {
  // The first token of each lane ends the prefill.
  return (tokens.at(-1)! - tokens[lanes - 1]!) / (tokens.length - lanes);
}
