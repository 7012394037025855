/** Which files of a repository are downloaded for each dtype, by lists of names as the hub has them. */
import { describe, expect, it } from 'vitest';
import type { Repo } from '../../engine/hub/repo';
import { partsOf, repoDtypes } from '../../engine/hub/repo-parts';

/** Every file has as many bytes as its place in the list, from 1. */
function repo(...paths: string[]): Repo {
  const files = paths.map((path, i) => ({ path, bytes: i + 1, blob: 'e'.repeat(40) }));
  return { id: 'org/name', commit: 'c'.repeat(40), files };
}
function named(of: Repo, dtype: string | null = null) {
  const { format, dtype: chosen, weights, configs } = partsOf(of, dtype);
  const pathsOf = (files: readonly { path: string }[]) => files.map(({ path }) => path);
  return { format, dtype: chosen, weights: pathsOf(weights), configs: pathsOf(configs) };
}
const CONFIGS = ['config.json', 'tokenizer.json'];

describe('an ONNX export', () => {
  const exported = repo(
    ...CONFIGS,
    'onnx/config.json',
    'onnx/model.onnx',
    'onnx/model.onnx_data',
    'onnx/model.onnx_data_1',
    'onnx/model_q4.onnx',
    'onnx/encoder.onnx',
    'onnx/deeper/model_fp16.onnx',
    'model_int8.onnx',
  );

  it('is one dtype’s file with its data, and the configs at the top', () => {
    const weights = ['onnx/model.onnx', 'onnx/model.onnx_data', 'onnx/model.onnx_data_1'];
    expect(named(exported)).toEqual({ format: 'onnx', dtype: 'fp32', weights, configs: CONFIGS });
    expect(named(exported, 'Q4')).toMatchObject({ dtype: 'q4', weights: ['onnx/model_q4.onnx'] });
    expect(repoDtypes(exported)).toEqual([
      { dtype: 'fp32', bytes: 4 + 5 + 6 },
      { dtype: 'q4', bytes: 7 },
    ]);
  });

  it('is looked for at the top where onnx/ has none', () => {
    expect(named(repo('config.json', 'model_q4.onnx', 'x/model.onnx', 'onnx/notes'))).toMatchObject({
      dtype: 'q4',
      weights: ['model_q4.onnx'],
    });
  });

  it('of onnxruntime-genai is the file that its builder writes, whatever else lies there', () => {
    const files = ['genai_config.json', 'model.onnx', 'model.onnx.data', 'model_q4.onnx'];
    expect(named(repo(...files))).toEqual({
      format: 'onnx',
      dtype: 'genai',
      weights: ['model.onnx', 'model.onnx.data'],
      configs: ['genai_config.json'],
    });
    expect(named(repo('genai_config.json', 'model_q4.onnx')).dtype).toBe('q4');
    expect(named(repo(...files, 'onnx/model.onnx')).dtype).toBe('fp32');
  });
});

describe('a checkpoint', () => {
  it('is one file, or an index and its shards', () => {
    expect(named(repo(...CONFIGS, 'model.safetensors', 'other.safetensors'))).toMatchObject({
      format: 'safetensors',
      dtype: 'safetensors',
      weights: ['model.safetensors'],
      configs: CONFIGS,
    });
    const shards = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
    const sharded = repo(
      'config.json',
      'model.safetensors.index.json',
      ...shards,
      'x-00001-of-00002.safetensors',
    );
    expect(named(sharded).weights).toEqual(['model.safetensors.index.json', ...shards]);
    // The index weighs nothing.
    expect(repoDtypes(sharded)).toEqual([{ dtype: 'safetensors', bytes: 3 + 4 }]);
  });

  it('comes after an ONNX export of the same repository', () => {
    const both = repo('model.safetensors', 'onnx/model_q4f16.onnx', 'a-Q4_K_M.gguf');
    expect(named(both).dtype).toBe('q4f16');
    expect(named(both, 'safetensors').weights).toEqual(['model.safetensors']);
    expect(repoDtypes(both).map(({ dtype }) => dtype)).toEqual(['q4f16', 'safetensors', 'Q4_K_M']);
  });
});

describe('a GGUF file', () => {
  it('needs nothing beside it but its other parts', () => {
    const parts = ['a-Q8_0-00001-of-00002.gguf', 'a-Q8_0-00002-of-00002.gguf'];
    const all = repo(...CONFIGS, ...parts, 'a-F16.gguf', 'mmproj-a-F16.gguf', 'x/a-Q4_0.gguf');
    expect(named(all)).toEqual({ format: 'gguf', dtype: 'Q8_0', weights: parts, configs: [] });
    expect(named(all, 'f16')).toMatchObject({ dtype: 'F16', weights: ['a-F16.gguf'] });
    expect(repoDtypes(all)).toEqual([
      { dtype: 'F16', bytes: 5 },
      { dtype: 'Q8_0', bytes: 3 + 4 },
    ]);
  });

  it('may have spaces and plus signs in its name, and begins with a letter or digit', () => {
    expect(named(repo('My model+1-Q4_0.GGUF')).weights).toEqual(['My model+1-Q4_0.GGUF']);
    expect(() => named(repo('.hidden-Q4_0.gguf', '-x-Q4_0.gguf'))).toThrow(/has no ONNX files/);
  });
});

it.each<[Repo, string | null, object]>([
  [repo('model.safetensors'), 'q4', { code: 'no-dtype', hint: 'It has: safetensors.' }],
  [repo('README.md'), null, { code: 'no-model', hint: 'Look for an export of it: models search name' }],
  [
    { ...repo(), elsewhere: 'cpu/int4' },
    null,
    { hint: expect.stringMatching(/^If cpu\/int4 holds a model/) },
  ],
])('what is not there is said with what to do', (of, dtype, expected) => {
  expect(() => partsOf(of, dtype)).toThrow(expect.objectContaining({ kind: 'input', ...expected }));
});
