/** Files of llama.cpp's own converter: read as the checkpoints that it was given. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readGguf } from '../../../engine/checkpoint/gguf/read';
import { tensorValues } from '../../../fixtures/checkpoint';
import { temporaryFolder } from '../../../fixtures/runs';
import { readFamily } from '../families';
import { CONVERTED, writeConverted } from './converted';

const folder = temporaryFolder();

/** Said for people and tools; without effect where the family has it so; or with another word in GGUF. */
const NOT_SAID = ['architectures', 'torch_dtype', 'max_window_layers', 'rope_scaling'];

describe.each(Object.entries(CONVERTED))('%s', (name, { config, sha256, factors }) => {
  const path = join(folder, `${name}.gguf`);
  const bytes = writeConverted(path, name);
  const { tensors, ...checkpoint } = readGguf(path);
  const family = readFamily(name);

  it('is the file that the converter wrote, so that its rows and norms are known', () => {
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
  });

  it('has the names and shapes of the checkpoint', () => {
    const found = [...tensors.values()].map((tensor) => [tensor.name, tensor.dims]);
    const given = Object.entries(family.tensors).map(([tensor, [shape]]) => [
      tensor,
      tensor === 'model.embed_tokens.weight' ? [config.vocab_size, shape[1]] : shape,
    ]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(given));
  });

  it('has its weights where it says', () => {
    const tensor = 'model.layers.1.mlp.down_proj.weight';
    const { offset, length } = tensors.get(tensor)!;
    const values = tensorValues(tensor, family.tensors[tensor]!, family.seed);
    expect(bytes.subarray(offset, offset + length).equals(new Uint8Array(values.buffer))).toBe(true);
  });

  it('has the config of the checkpoint', () => {
    const known = { ...config };
    if (known.use_sliding_window === false) delete known.sliding_window;
    // Llama without a window.
    if (name === 'mistral') known.model_type = 'llama';
    for (const [key, value] of Object.entries(known)) {
      if (NOT_SAID.includes(key)) continue;
      const found: unknown = checkpoint.config[key] ?? null;
      if (typeof value === 'number') expect(found, key).toBeCloseTo(value, 6);
      else expect(found, key).toEqual(value);
    }
  });

  it('scales its rotary angles as the checkpoint', () => {
    const found = checkpoint.config.rope_scaling;
    const given = config.rope_scaling as Readonly<Record<string, unknown>> | null | undefined;
    if (!given) return expect(found).toBeNull();
    const { 'rope_freqs.weight': all, 'rope_factors_short.weight': short_factor } = factors;
    const { type, rope_type, ...rest } = given;
    if (all) expect(found).toEqual({ rope_type: 'factors', factors: all });
    else if (short_factor) {
      const long_factor = factors['rope_factors_long.weight'];
      // What transformers works out of lengths of 512 and 160.
      const attention_factor = expect.closeTo(Math.sqrt(1 + Math.log(512 / 160) / Math.log(160)), 6);
      expect(found).toEqual({ rope_type: 'longrope', short_factor, long_factor, attention_factor });
    } else expect(found).toEqual({ rope_type: type ?? rope_type, ...rest });
  });
});
