/** A merged decoder's prompt is run as its exporter meant it: in one call without past, then token by token. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Model } from '../../engine/model/model';
import { largestDifference } from '../../fixtures/runs';
import { FIXTURES } from '../exports/traces';

const IDS = [5, 90, 17, 42, 230, 8];
let model: Model;

beforeAll(async () => {
  const folder = join(FIXTURES, 'llama-merged');
  model = await Model.open({ folder, dtype: 'fp32', memorySaver: false, device: 'cpu' });
});
afterAll(() => model.release());

/** Hidden states of IDS, run in calls of these lengths. */
async function hidden(lengths: readonly number[]): Promise<number[]> {
  const states: number[] = [];
  let cache = model.backbone.emptyCache(1);
  let past = 0;
  for (const length of lengths) {
    const forward = await model.backbone.forward([IDS.slice(past, past + length)], cache, past);
    states.push(...forward.hidden);
    cache = forward.cache;
    past += length;
  }
  return states;
}

it('gives the same states when its end is run token by token, as its graph with past needs', async () => {
  const whole = await hidden([6]);
  expect(largestDifference(await hidden([4, 1, 1]), whole)).toBeLessThan(1e-4);
  // That graph has no causal mask.
  expect(largestDifference(await hidden([4, 2]), whole)).toBeGreaterThan(1e-2);
});

it('asks for its prompt in that way', () => {
  const { backbone } = model;
  expect(backbone.requiresSinglePrefill).toBe(true);
  expect(backbone.chunkSize(0)).toBeGreaterThanOrEqual(1024);
  expect(backbone.chunkSize(1024)).toBe(1);
});
