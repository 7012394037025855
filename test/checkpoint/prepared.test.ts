/** Every family in 8-bit blocks that the engine makes itself: SLOT's figures stay near PyTorch's on the stored weights. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { relativeDifference, temporaryFolder } from '../../fixtures/runs';
import { testEngine } from '../../fixtures/test-engine';
import { allLosses, families, figures, writeFamily } from './families';

const folder = temporaryFolder();
const engine = testEngine(join(folder, 'data'));
/** Rounding to 8 bits moves a weight by at most a 254th of its block's largest; a wrong row or scale moves all. */
const NEAR = 0.01;

it.each(families())('$name', async ({ name, family }) => {
  const path = join(folder, name);
  writeFamily(path, family, { type: 'BF16' });
  const expected = family.traces.short!;
  const { losses } = await figures(engine, path, 'short', 1, 'safetensors_q8');
  const difference = relativeDifference(losses, allLosses(expected));
  expect(difference).toBeLessThan(NEAR);
  // The stored weights themselves would be nearer than any rounding.
  expect(difference).toBeGreaterThan(1e-6);
});
