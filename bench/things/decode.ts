/** Tokens a second once an answer has begun: one lane, two lanes that have diverged, and transformers.js. */
import { alternate, ratio } from '../measure';
import type { BenchModel } from '../models/models';
import { prompt } from '../models/prompts';
import { atLeast, figure, type Row } from '../report';
import type { Contender } from '../sides/contender';
import type { Pair } from './load';

const PROMPT_TOKENS = 100;
/** A baseline beside a lane that SLOT has adapted: what the window shows most. */
const TWO_LANES = [0, 1];

export async function benchDecode(
  model: BenchModel,
  pair: Pair,
  rounds: number,
  newTokens: number,
): Promise<Row[]> {
  const tokensPerSecond = (side: Contender, lanes: readonly number[]) => async () => {
    const { tokens } = await side.answer({ prompt: prompt(model, PROMPT_TOKENS), newTokens, lanes });
    // The first token of each lane ends the prefill.
    const first = tokens[lanes.length - 1]!;
    return ((tokens.length - lanes.length) / (tokens.at(-1)! - first)) * 1000;
  };
  const samples = await alternate(rounds, {
    theirs: tokensPerSecond(pair.theirs, [0]),
    one: tokensPerSecond(pair.ours, [0]),
    two: tokensPerSecond(pair.ours, TWO_LANES),
  });
  const one = figure('tokens/s', samples.one);
  return [
    {
      what: `${model.name}: one lane over transformers.js`,
      figure: { ...ratio(samples.one, samples.theirs), unit: '×' },
      target: atLeast(1),
      measured: { ours: one, 'transformers.js': figure('tokens/s', samples.theirs) },
    },
    {
      what: `${model.name}: two diverged lanes together over one`,
      figure: { ...ratio(samples.two, samples.one), unit: '×' },
      target: atLeast(1.7),
      measured: { two: figure('tokens/s', samples.two), one },
    },
  ];
}
