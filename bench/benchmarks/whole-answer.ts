/**
 * What SLOT adds to a whole answer, as the paper measures it (7.9 %): the seconds of its first pass and steps, over
 * the seconds that reading the prompt and writing the answer take.
 */
import type { BenchModel } from '../models/models';
import { atMost, figure, type Row } from '../report';
import { type Answers, PROMPT_TOKENS, pace, SLOT_STEPS } from './answers';

const NEW_TOKENS = 200;
const TARGETS = { float32: atMost(3), '4-bit': atMost(5), SmolLM2: undefined, starter: undefined };

/** Of answers that are shorter, the rest is taken to come at the same pace. */
export function wholeAnswerRows({ name }: BenchModel, { slot }: Answers): Row[] {
  const written = slot[0]!.tokens.length;
  const added = slot.map((answered) => answered.slot);
  const rest = slot.map((answered) => answered.prefill + pace(answered) * NEW_TOKENS);
  const extrapolated = written < NEW_TOKENS ? `, at the pace of the first ${written}` : '';
  return [
    {
      what: `${name}: ${SLOT_STEPS} steps, ${PROMPT_TOKENS}-token prompt, ${NEW_TOKENS} new tokens${extrapolated}`,
      figure: figure(
        '%',
        added.map((ms, i) => (100 * ms) / rest[i]!),
      ),
      target: TARGETS[name],
      measured: { SLOT: figure('ms', added), 'prefill and decode': figure('ms', rest) },
    },
  ];
}
