/** Checkpoints in safetensors that are refused: files that are missing or lie, configs that do not fit. */
import { copyFileSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ModelSettings } from '../../engine/protocol';
import type { TensorSpec } from '../../fixtures/checkpoint';
import { testEngine } from '../../fixtures/test-engine';
import { familyWriter, readFamily } from './families';

const engine = testEngine();
const checkpoint = familyWriter();

const LLAMA = readFamily('llama');

/** With this tensor, or without it. */
function withTensor(name: string, spec?: TensorSpec) {
  const { [name]: _, ...others } = LLAMA.tensors;
  return checkpoint({ ...LLAMA, tensors: spec ? { ...others, [name]: spec } : others });
}

function withConfig(config: Record<string, unknown>, name = 'llama') {
  const family = readFamily(name);
  return checkpoint({ ...family, config: { ...family.config, ...config } });
}

function headed(header: unknown): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json]);
}

describe('is told on the card, and when it opens', () => {
  const second = (path: string) => join(path, 'model-00002-of-00002.safetensors');
  it.each<[what: string, breaks: (path: string) => void, message: RegExp]>([
    ['a missing shard', (path) => rmSync(second(path)), /00002\.safetensors is missing/],
    [
      'a shard that links to itself',
      (path) => {
        rmSync(second(path));
        symlinkSync(second(path), second(path));
      },
      /00002\.safetensors is a link to .*00002\.safetensors, which is missing/,
    ],
  ])('%s', async (_, breaks, message) => {
    const model = checkpoint(LLAMA, { shards: 2 });
    breaks(model);
    const question = { model, dtype: null, revision: null, onHub: false };
    const { refusal, files } = await engine.query('models.inspect', question);
    expect(refusal!.message).toMatch(message);
    expect(files.filter(({ isHere }) => !isHere).map(({ path }) => path)).toEqual([
      'model-00002-of-00002.safetensors',
    ]);
    await expect(engine.query('model.open', ModelSettings.parse({ folder: model }))).rejects.toThrow(message);
  });

  it.each([
    '../x.safetensors',
    '/x.safetensors',
    '..\\x.safetensors',
    'C:x.safetensors',
    'x\0.safetensors',
    '.safetensors/..',
  ])('an index that names %j', async (name) => {
    const model = checkpoint(LLAMA, { shards: 2 });
    const index = { weight_map: { 'model.norm.weight': name } };
    writeFileSync(join(model, 'model.safetensors.index.json'), JSON.stringify(index));
    const question = { model, dtype: null, revision: null, onHub: false };
    await expect(engine.query('models.inspect', question)).rejects.toMatchObject({
      code: 'malformed-json',
      message: expect.stringContaining('is not a file name'),
    });
  });
});

describe('refuses in one line', () => {
  const UP = 'model.layers.1.mlp.up_proj.weight';
  it.each<[what: string, path: () => string, message: RegExp]>([
    ['an unknown architecture', () => withConfig({ model_type: 'mamba' }), /"mamba"/],
    ['an architecture without a name', () => withConfig({ model_type: null }), /model_type/],
    ['a name of JavaScript', () => withConfig({ model_type: 'constructor' }), /"constructor"/],
    [
      'a tensor that the family has no place for',
      () => withTensor('model.layers.0.self_attn.sinks', [[4], 0, 1]),
      /"model\.layers\.0\.self_attn\.sinks"/,
    ],
    [
      'norms of queries in a family without them',
      () => withTensor('model.layers.0.self_attn.q_norm.weight', [[16], 1, 0.5]),
      /"model\.layers\.0\.self_attn\.q_norm\.weight"/,
    ],
    ["a classifier's head", () => withTensor('score.weight', [[2, 64], 0, 1]), /"score\.weight"/],
    [
      'attention to later tokens',
      () => withConfig({ use_bidirectional_attention: true }, 'gemma3'),
      /use_bidirectional_attention/,
    ],
    ['a layer more than the config has', () => withConfig({ num_hidden_layers: 1 }), /"model\.layers\.1\./],
    ['a layer less', () => withConfig({ num_hidden_layers: 3 }), /"model\.layers\.2\./],
    ['a missing tensor', () => withTensor(UP), /no tensor "model\.layers\.1\.mlp\.up_proj/],
    [
      'a head that is neither there nor tied',
      () => withConfig({ tie_word_embeddings: false }),
      /"lm_head\.weight"/,
    ],
    ['another width', () => withConfig({ hidden_size: 128 }), /\[400, 64\].*\[400, 128\]/],
    ['another feed-forward width', () => withConfig({ intermediate_size: 64 }), /\[96, 64\].*\[64, 64\]/],
    ['another vocabulary', () => withConfig({ vocab_size: 384 }), /\[400, 64\].*\[384, 64\]/],
    ['other heads', () => withConfig({ num_key_value_heads: 4 }), /\[32, 64\].*\[64, 64\]/],
    ['heads that cannot be shared', () => withConfig({ num_key_value_heads: 3 }), /4 heads.*3/],
    [
      'kinds of fewer layers',
      () => withConfig({ layer_types: ['full_attention'] }, 'gemma3'),
      /layer_types tells of 1 layers; there are 3/,
    ],
    [
      'a kind of layer that is not written',
      () => withConfig({ layer_types: ['full_attention', 'chunked_attention'] }, 'qwen2'),
      /layer_types: "chunked_attention"/,
    ],
    [
      'angles of fewer layers',
      () => withConfig({ no_rope_layers: [1, 0] }, 'smollm3'),
      /no_rope_layers tells of 2 layers; there are 4/,
    ],
    ['norms that are not written', () => withConfig({ use_qk_norm: true }, 'cohere'), /use_qk_norm/],
    ['an unknown activation', () => withConfig({ hidden_act: 'relu2' }), /"relu2"/],
    [
      'an unknown scaling of angles',
      () => withConfig({ rope_scaling: { rope_type: 'dynamic', factor: 2 } }),
      /rope_scaling.*"dynamic"/,
    ],
    [
      'a scaling without its members',
      () => withConfig({ rope_scaling: { rope_type: 'llama3', factor: 2 } }),
      /rope_scaling.*low_freq_factor/,
    ],
    [
      'factors of another head',
      () => withConfig({ rope_scaling: { type: 'longrope', short_factor: [1], long_factor: [1] } }),
      /rope_scaling/,
    ],
    ['a size that is no number', () => withConfig({ hidden_size: '64' }), /config\.json.*hidden_size/],
    ['a size below zero', () => withConfig({ intermediate_size: -96 }), /config\.json.*intermediate_size/],
    [
      'a size without end',
      () => withConfig({ num_hidden_layers: 2 ** 40 }),
      /config\.json.*num_hidden_layers/,
    ],
    ...[
      'rope_theta',
      'rms_norm_eps',
      'logits_scaling',
      'query_pre_attn_scalar',
      'final_logit_softcapping',
    ].map((key): [string, () => string, RegExp] => [
      `${key} below zero`,
      () => withConfig({ [key]: -1 }),
      new RegExp(`config\\.json: ${key}`),
    ]),
    ['angles that turn without end', () => withConfig({ rope_theta: 1e-300 }), /config\.json: rope_theta/],
    [
      'a scaling that divides by 0',
      () => withConfig({ rope_scaling: { rope_type: 'yarn', factor: 0 } }),
      /rope_scaling\.factor/,
    ],
    [
      'a base whose logarithm is 0',
      () => withConfig({ rope_theta: 1, rope_scaling: { rope_type: 'yarn', factor: 2 } }),
      /no rotary angles/,
    ],
    [
      'a scaling by no name',
      () => withConfig({ rope_scaling: { rope_type: 5 } }),
      /config\.json: rope_scaling\.rope_type/,
    ],
    ['a scaling that is a text', () => withConfig({ rope_scaling: 'yarn' }), /config\.json: rope_scaling/],
    [
      'parameters of angles that are no numbers',
      () => withConfig({ rope_parameters: { rope_theta: '1000' } }),
      /config\.json: rope_parameters\.rope_theta/,
    ],
    ['a window that is no length', () => withConfig({ sliding_window: 0.5 }), /config\.json.*sliding_window/],
    [
      'weights in another type',
      () => {
        const path = withConfig({});
        const file = join(path, 'model.safetensors');
        const bytes = readFileSync(file, 'latin1').replace('"dtype":"F32"', '"dtype":"I32"');
        writeFileSync(file, bytes, 'latin1');
        return path;
      },
      /"model\.embed_tokens\.weight".*I32/,
    ],
    [
      'more tensors than any model has',
      () => {
        const path = withConfig({});
        const entry = { dtype: 'F32', shape: [0], data_offsets: [0, 0] };
        const names = Array.from({ length: 2 ** 16 + 1 }, (__, i) => [`${i}`, entry]);
        writeFileSync(join(path, 'model.safetensors'), headed(Object.fromEntries(names)));
        return path;
      },
      /has 65537 tensors/,
    ],
    [
      'a header that is a list',
      () => {
        const path = withConfig({});
        writeFileSync(join(path, 'model.safetensors'), headed([]));
        return path;
      },
      /model\.safetensors: .*object/,
    ],
    [
      'an index of thousands of files',
      () => {
        const path = checkpoint(LLAMA, { shards: 1 });
        const shards = Array.from({ length: 1001 }, (__, i) => [`${i}`, `${i}.safetensors`]);
        const index = { weight_map: Object.fromEntries(shards) };
        writeFileSync(join(path, 'model.safetensors.index.json'), JSON.stringify(index));
        return path;
      },
      /names 1001 files/,
    ],
    [
      'a shard that is missing',
      () => {
        const path = checkpoint(LLAMA, { shards: 2 });
        rmSync(join(path, 'model-00002-of-00002.safetensors'));
        return path;
      },
      /model-00002-of-00002\.safetensors is missing/,
    ],
    [
      'a shard twice',
      () => {
        const path = checkpoint(LLAMA, { shards: 2 });
        copyFileSync(
          join(path, 'model-00001-of-00002.safetensors'),
          join(path, 'model-00002-of-00002.safetensors'),
        );
        return path;
      },
      /two files/,
    ],
  ])('%s', async (_, path, message) => {
    const settings = ModelSettings.parse({ folder: path(), dtype: 'safetensors' });
    await expect(engine.query('model.open', settings)).rejects.toMatchObject({
      kind: 'input',
      message: expect.stringMatching(new RegExp(`^[^\n]*${message.source}[^\n]*$`)),
    });
  });
});
