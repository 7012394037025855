/** Checkpoints of every family, as they lie in safetensors: SLOT's figures and both answers are PyTorch's. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tensorValues } from '../../fixtures/checkpoint';
import { largestDifference, relativeDifference, temporaryFolder } from '../../fixtures/runs';
import { testEngine } from '../../fixtures/test-engine';
import { allLosses, families, figures, mutated, type PromptName, writeFamily } from './families';

const engine = testEngine();
const folder = temporaryFolder();

/** Largest differences allowed: losses and norms relative, log-probabilities as they are. */
const BOUNDS = { loss: 1e-5, norm: 1e-4, logprob: 1e-4 };

describe.each(families())('$name', ({ name, family }) => {
  it('has the weights that the recipe gave to PyTorch', () => {
    const hash = createHash('sha256');
    for (const [tensor, spec] of Object.entries(family.tensors)) {
      hash.update(Buffer.from(tensorValues(tensor, spec, family.seed).buffer));
    }
    expect(hash.digest('hex')).toBe(family.sha256);
  });

  it.each(Object.keys(family.traces) as PromptName[])(
    'has the figures and answers of a %s prompt',
    async (prompt) => {
      const path = join(folder, name);
      writeFamily(path, family);
      const expected = family.traces[prompt]!;
      const found = await figures(engine, path, prompt, expected.baseline.length);
      expect(found.ids).toEqual(expected.ids);
      expect(relativeDifference(found.losses, allLosses(expected))).toBeLessThan(BOUNDS.loss);
      expect(relativeDifference(found.gradNorms, expected.gradNorms)).toBeLessThan(BOUNDS.norm);
      expect(relativeDifference(found.deltaNorms, expected.deltaNorms)).toBeLessThan(BOUNDS.norm);
      const ours = new Map(found.top.map(({ id, baseLogprob }) => [id, baseLogprob]));
      const shared = expected.top.filter(([id]) => ours.has(id));
      expect(shared.length).toBeGreaterThan(10);
      expect(
        largestDifference(
          shared.map(([id]) => ours.get(id)!),
          shared.map(([, logprob]) => logprob),
        ),
      ).toBeLessThan(BOUNDS.logprob);
      expect(found.baseline).toEqual(expected.baseline);
      expect(found.slot).toEqual(expected.slot);
    },
  );

  it.each(Object.keys(family.mutations))('follows its config: %s', async (key) => {
    const mutation = family.mutations[key]!;
    const path = join(folder, `${name} ${key}`);
    writeFamily(path, mutated(family, mutation));
    const { losses } = await figures(engine, path, mutation.prompt, 1);
    const moved = relativeDifference(mutation.losses, allLosses(family.traces[mutation.prompt]!));
    const allowed = moved === 0 ? BOUNDS.loss : Math.min(BOUNDS.loss, moved / 4);
    expect(relativeDifference(losses, mutation.losses)).toBeLessThan(allowed);
  });
});
