/** Hidden states of a checkpoint's decoder do not depend on how a sequence is cut, or on the rows beside it. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Model } from '../../engine/model/model';
import { largestDifference, temporaryFolder } from '../../fixtures/runs';
import { families, writeFamily } from './families';

const folder = temporaryFolder();
const PIECES = [1, 30, 7, 1, 1, 50];
const TOTAL = PIECES.reduce((sum, count) => sum + count);

it.each(families())('$name', async ({ name, family }) => {
  const path = join(folder, name);
  writeFamily(path, family);
  const model = await Model.open({ folder: path, dtype: 'safetensors', memorySaver: false, device: 'cpu' });
  try {
    const { backbone, head } = model;
    const ids = Array.from({ length: TOTAL }, (_, i) => 5 + ((7 * i * i) % 390));
    const whole = await backbone.forward([ids], backbone.emptyCache(1), 0);
    const found = new Float32Array(TOTAL * head.hiddenSize);
    let cache = backbone.emptyCache(1);
    let past = 0;
    for (const count of PIECES) {
      const piece = await backbone.forward([ids.slice(past, past + count)], cache, past, TOTAL);
      found.set(piece.hidden, past * head.hiddenSize);
      cache = piece.cache;
      past += count;
    }
    expect(largestDifference(found, whole.hidden)).toBeLessThan(1e-4);
    // Rows are batched while they decode, and padded at the right.
    expect(await model.batching()).toMatchObject({ rows: 'right' });
  } finally {
    await model.release();
  }
});
