/** The forms that a checkpoint in safetensors comes in. */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CheckpointForm } from '../../fixtures/checkpoint';
import { relativeDifference } from '../../fixtures/runs';
import { testEngine } from '../../fixtures/test-engine';
import {
  allLosses,
  type Family,
  familyWriter,
  figures,
  readFamily,
  SAVED_FOLDER,
  savedFamily,
} from './families';

const engine = testEngine();
const checkpoint = familyWriter();

async function expectFigures(path: string, { traces }: Family) {
  const expected = traces.short!;
  const found = await figures(engine, path, 'short', expected.baseline.length);
  expect(relativeDifference(found.losses, allLosses(expected))).toBeLessThan(1e-5);
  expect(found.baseline).toEqual(expected.baseline);
  expect(found.slot).toEqual(expected.slot);
}

describe.each(['phi3', 'qwen2', 'gemma3'])('%s', (name) => {
  const family = readFamily(name);
  it.each<CheckpointForm>([{ type: 'BF16' }, { type: 'F16' }, { shards: 3 }, { type: 'BF16', shards: 2 }])(
    'has the same numbers as %o',
    async (form) => expectFigures(checkpoint(family, form), family),
  );
});

it('reads what save_pretrained writes: bfloat16 in shards', async () => {
  const family = savedFamily();
  const path = checkpoint(family);
  rmSync(join(path, 'model.safetensors'));
  cpSync(SAVED_FOLDER, path, { recursive: true });
  await expectFigures(path, family);
});

it.each(['F32', 'F16', 'BF16'] as const)('takes memory of float32 where %s is multiplied', async (type) => {
  const family = readFamily('llama');
  const model = checkpoint(family, { type });
  const question = { model, dtype: 'safetensors', revision: null, onHub: false };
  // A small tied head of float32 is repacked as the layers are; one of 16 bits is widened tile by tile as it is read.
  const repacked = type === 'F32' ? /_proj\.weight$|embed_tokens\.weight$/ : /_proj\.weight$/;
  const matrices = Object.entries(family.tensors).filter(([name]) => repacked.test(name));
  const elements = matrices.map(([, [shape]]) => shape.reduce((product, dim) => product * dim));
  const { memory } = await engine.query('models.inspect', question);
  expect(memory!.prepacked).toBe(4 * elements.reduce((sum, count) => sum + count));
});

it("reads transformers 5's rope_parameters", async () => {
  const family = readFamily('llama3');
  const { rope_theta, rope_scaling, ...config } = family.config;
  const rope_parameters = { ...Object(rope_scaling), rope_theta };
  await expectFigures(checkpoint({ ...family, config: { ...config, rope_parameters } }), family);
});

it('reads the text part of a model of text and images by the names of newer transformers too', async () => {
  const family = readFamily('gemma3-multimodal');
  const path = checkpoint(family);
  const file = join(path, 'model.safetensors');
  // As long, so that everything stays where it is.
  const renamed = readFileSync(file, 'latin1').replaceAll('"language_model.model.', '"model.language_model.');
  writeFileSync(file, renamed, 'latin1');
  await expectFigures(path, family);
});
