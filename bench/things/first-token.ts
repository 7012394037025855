/** Milliseconds from a 100-token prompt to the first token of its answer. */
import { alternate, ratio } from '../measure';
import type { BenchModel } from '../models/models';
import { prompt } from '../models/prompts';
import { atLeast, atMost, figure, type Row } from '../report';
import type { Contender } from '../sides/contender';
import type { Pair } from './load';

const PROMPT_TOKENS = 100;
const SLOT_STEPS = 5;

export async function benchFirstToken(model: BenchModel, pair: Pair, rounds: number): Promise<Row[]> {
  const first = (side: Contender, steps: number) => async () => {
    const request = { prompt: prompt(model, PROMPT_TOKENS), newTokens: 1, lanes: [steps] };
    return (await side.answer(request)).tokens[0]!;
  };
  const samples = await alternate(rounds, {
    theirs: first(pair.theirs, 0),
    baseline: first(pair.ours, 0),
    slot: first(pair.ours, SLOT_STEPS),
  });
  const theirs = figure('ms', samples.theirs);
  return [
    {
      what: `${model.name}: times sooner than transformers.js, baseline`,
      figure: { ...ratio(samples.theirs, samples.baseline), unit: '×' },
      target: atLeast(1.4),
      measured: { ours: figure('ms', samples.baseline), 'transformers.js': theirs },
    },
    {
      what: `${model.name}: with ${SLOT_STEPS} SLOT steps, over transformers.js's baseline`,
      figure: { ...ratio(samples.slot, samples.theirs), unit: '×' },
      target: atMost(1.25),
      measured: { ours: figure('ms', samples.slot), 'transformers.js': theirs },
    },
  ];
}
