/**
 * What SLOT adds to a whole answer, as the paper measures it (7.9 %): the seconds of its first pass and steps, over
 * the seconds that reading the prompt and writing the answer take.
 */
import type { BenchModel } from '../models/models';
import { prompt } from '../models/prompts';
import { atMost, figure, type Row } from '../report';
import type { Contender } from '../sides/contender';

const PROMPT_TOKENS = 100;
const NEW_TOKENS = 200;
const STEPS = 5;
const TARGETS = { float32: atMost(3), '4-bit': atMost(5), starter: undefined };

/** @param tokens how many of the 200 are written; the rest is taken to come at the same pace */
export async function benchAnswer(
  model: BenchModel,
  ours: Contender,
  { rounds, tokens }: { readonly rounds: number; readonly tokens: number },
): Promise<Row[]> {
  const slot: number[] = [];
  const rest: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const request = { prompt: prompt(model, PROMPT_TOKENS), newTokens: tokens, lanes: [STEPS] };
    const answered = await ours.answer(request);
    const pace = (answered.tokens.at(-1)! - answered.tokens[0]!) / (tokens - 1);
    if (round < 0) continue;
    slot.push(answered.slot);
    rest.push(answered.prefill + pace * NEW_TOKENS);
  }
  const target = TARGETS[model.name];
  const extrapolated = tokens < NEW_TOKENS ? `, at the pace of the first ${tokens}` : '';
  return [
    {
      what: `${model.name}: ${STEPS} steps, ${PROMPT_TOKENS}-token prompt, ${NEW_TOKENS} new tokens${extrapolated}`,
      figure: figure(
        '%',
        slot.map((ms, i) => (100 * ms) / rest[i]!),
      ),
      ...(target ? { target } : {}),
      measured: { SLOT: figure('ms', slot), 'prefill and decode': figure('ms', rest) },
    },
  ];
}
