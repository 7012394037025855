/** Exports of every family in batches of unequal rows: where the padding goes, and the tokens of each lane alone. */
import { describe, expect, it } from 'vitest';
import { Model } from '../../engine/model/model';
import { largestDifference } from '../../fixtures/runs';
import { answers, decodeAlone, readPrompt, request, shift } from '../generate/answers';
import { fixtures } from './traces';

/** Those whose graphs count positions themselves, by the cache's length. */
const COUNTING = ['gemma2', 'gemma3', 'llama-inputs'];
/** Dynamically quantised: all of a call share one scale. */
const QUANTISED_TOGETHER = ['int8', 'uint8', 'q8'];
const IN_FEW_BITS = ['fp16', 'q4f16', 'bnb4', 'q4'];

function expectedRows(name: string, dtype: string) {
  if (QUANTISED_TOGETHER.includes(dtype)) return 'apart';
  if (COUNTING.includes(name)) return 'equal';
  return name.startsWith('genai-') ? 'right' : 'left';
}

const TEXTS = ['Tom has 3 apples and buys 5 more. How many should he have?', 'Why?', 'Think step by step.'];

const cases = fixtures().flatMap(({ name, folder, trace }) => {
  // Beyond longrope's threshold, where there is one.
  const texts = trace.long ? [...TEXTS, trace.long.prompt] : TEXTS;
  return Object.keys(trace.dtypes).map((dtype) => ({ name, dtype, folder, texts }));
});

describe.each(cases)('$name $dtype', ({ name, dtype, folder, texts }) => {
  it('rows of several problems write what they write alone', async () => {
    const model = await Model.open({ folder, dtype, memorySaver: false, device: 'cpu' });
    try {
      const problems = [];
      for (const [at, text] of texts.entries()) {
        const prompt = await readPrompt(model, model.tokenizer.encode(text, true));
        const generation = { maxNewTokens: 8 - 2 * (at % 3) };
        const lane = async (size: number) =>
          request(`${at} ${size}`, prompt, await shift(model, size), generation);
        problems.push([await lane(0), await lane(0.5)]);
      }
      const { found } = await answers(model, problems, { rows: 3, keepHidden: true });
      const { rows, exact, largestDifference: moved } = await model.batching();
      expect(rows).toBe(expectedRows(name, dtype));
      expect(exact).toBe(moved === 0);
      // Of logits that lie 30 to 50 apart; few bits round where float32 differs in its last place.
      const isFloat32 = !IN_FEW_BITS.includes(dtype) && !/fp16|int4|webgpu/.test(name);
      expect(moved).toBeLessThan(isFloat32 ? 1e-4 : 0.1);
      if (!isFloat32 && !exact) return;
      for (const lane of problems.flat()) {
        const { ids, hidden } = await decodeAlone(model, lane);
        const answer = found.get(lane.key)!;
        expect(answer.ids, lane.key).toEqual(ids);
        // Models that hardly look back write the same behind wrong padding.
        for (const [i, state] of hidden.entries()) {
          const largest = state.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
          expect(largestDifference(answer.hidden![i]!, state)).toBeLessThan(1e-4 * largest);
        }
      }
    } finally {
      await model.release();
    }
  });
});
