/** Biases that config.json denies: transformers leaves them out, so that with them the model would be another. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inspectFolder } from '../../engine/model/inspect';
import { temporaryFolder } from '../../fixtures/runs';
import { readFamily, writeFamily } from './families';

const root = temporaryFolder();
let made = 0;

function refusalOf(name: string, config: object): string | undefined {
  const family = readFamily(name);
  const folder = join(root, String(++made));
  writeFamily(folder, { ...family, config: { ...family.config, ...config } });
  const card = inspectFolder(folder, 'safetensors', { source: 'folder', model: folder, name });
  return card.refusal?.message;
}

it.each([
  ['attention_bias', 'model.layers.0.self_attn.q_proj.bias'],
  ['mlp_bias', 'model.layers.0.mlp.gate_proj.bias'],
])('%s: false refuses the tensor by name', (key, tensor) => {
  expect(refusalOf('llama-untied', { [key]: true })).toBeUndefined();
  expect(refusalOf('llama-untied', { [key]: false })).toContain(
    `no place for the checkpoint's tensor "${tensor}"`,
  );
});

it("does not count in Qwen2's config.json, whose attention always has them", () => {
  expect(refusalOf('qwen2', { attention_bias: false })).toBeUndefined();
});

it('is no fault of a checkpoint that has none', () => {
  expect(refusalOf('llama', { attention_bias: false, mlp_bias: false })).toBeUndefined();
});
