/** Events as a share of decoding: processor time of their JSON, sockets and charts over the time a token takes. */
import type { BenchModel } from '../models/models';
import { prompt } from '../models/prompts';
import { atMost, figure, type Row } from '../report';
import type { Contender } from '../sides/contender';
import { TRANSPORT } from './events';
import { WINDOW } from './screen';

const PROMPT_TOKENS = 100;
const NEW_TOKENS = 16;

/** @param rows of the events' parts that could be measured, milliseconds for each token */
export async function benchOverhead(
  model: BenchModel,
  ours: Contender,
  rows: readonly Row[],
): Promise<Row[]> {
  const parts = rows.filter(({ what }) => what === TRANSPORT || what === WINDOW);
  const request = { prompt: prompt(model, PROMPT_TOKENS), newTokens: NEW_TOKENS, lanes: [0] };
  const { tokens } = await ours.answer(request);
  const pace = (tokens.at(-1)! - tokens[0]!) / (NEW_TOKENS - 1);
  const sum = parts.reduce((total, part) => total + part.figure.median, 0);
  return [
    {
      what: `${model.name}: share of a token's decoding`,
      figure: figure('%', [(100 * sum) / pace]),
      ...(model.name === 'starter' ? {} : { target: atMost(3) }),
      measured: {
        token: figure('ms', [pace]),
        ...Object.fromEntries(parts.map(({ what, figure: part }) => [what, part])),
      },
    },
  ];
}
