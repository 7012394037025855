/** Tokens that are quantised together would change each other's numbers: rows of such a model are run one by one. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { Model } from '../../engine/model/model';
import { ViewSession } from '../../engine/onnx/runtime/session';
import { FIXTURES } from '../exports/traces';

let model: Model;

beforeAll(async () => {
  const folder = join(FIXTURES, 'llama-merged');
  model = await Model.open({ folder, dtype: 'q8', memorySaver: false, device: 'cpu' });
});
afterAll(() => model.release());
afterEach(() => vi.restoreAllMocks());

const ROWS = [
  [5, 90, 17],
  [42, 230, 8],
  [9, 9, 77],
];
const NEXT = [[11], [201], [60]];

it('each row has the numbers that it has alone, to the bit, and its own cache', async () => {
  const { backbone } = model;
  const together = await backbone.forward(ROWS, backbone.emptyCache(3), 0);
  const after = await backbone.forward(NEXT, together.cache, 3);
  expect(after.cache).toMatchObject({ rows: 3, columns: 4 });
  const alone = [];
  for (const [at, ids] of ROWS.entries()) {
    const prompt = await backbone.forward([ids], backbone.emptyCache(1), 0);
    const next = await backbone.forward([NEXT[at]!], prompt.cache, 3);
    alone.push({ prompt: [...prompt.hidden], next: [...next.hidden] });
  }
  expect([...together.hidden]).toEqual(alone.flatMap(({ prompt }) => prompt));
  expect([...after.hidden]).toEqual(alone.flatMap(({ next }) => next));
});

it('rows of any other model are run together', async () => {
  const folder = join(FIXTURES, 'llama-merged');
  const other = await Model.open({ folder, dtype: 'fp32', memorySaver: false, device: 'cpu' });
  const run = vi.spyOn(ViewSession.prototype, 'run');
  await other.backbone.forward(ROWS, other.backbone.emptyCache(3), 0);
  expect(run).toHaveBeenCalledOnce();
  await model.backbone.forward(ROWS, model.backbone.emptyCache(3), 0);
  expect(run).toHaveBeenCalledTimes(1 + 3);
  await other.release();
});
