/** Dynamically quantised exports, whose tokens influence each other within a call: what a lane gets is its own. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { one, only } from '../../fixtures/runs';
import { runEvents, testEngine } from '../../fixtures/test-engine';
import { FIXTURES, PROMPT } from './traces';

const engine = testEngine();
const LANES = [
  { name: 'baseline', steps: 0 },
  { name: 'slot', steps: 3, lr: 0.5 },
  { name: 'strong', steps: 5, lr: 2 },
];

async function answers(dtype: string, lanes: typeof LANES) {
  const events = await runEvents(engine, {
    model: { folder: join(FIXTURES, 'qwen2-quantised'), dtype },
    prompt: { kind: 'raw', text: PROMPT },
    lanes,
    generation: { maxNewTokens: 12, ignoreEos: true },
    listLength: 1,
  });
  return lanes.map(({ name }) => ({
    ids: one(events, 'lane.done', name).ids,
    logprobs: only(events, 'token').flatMap(({ lane, logprob }) => (lane === name ? [logprob] : [])),
    losses: only(events, 'slot.step').flatMap(({ lane, loss }) => (lane === name ? [loss] : [])),
  }));
}

describe.each(['q8', 'int8', 'uint8'])('%s', (dtype) => {
  it('writes in each lane what that lane writes alone, to the last digit', async () => {
    const together = await answers(dtype, LANES);
    // They part, so that rows of a batch could disturb each other.
    expect(new Set(together.map(({ ids }) => ids.join())).size).toBeGreaterThan(1);
    for (const [i, lane] of LANES.entries()) {
      const [alone] = await answers(dtype, [lane]);
      expect(together[i]).toEqual(alone);
    }
  });
});
