/** What metadata says, in transformers' keys. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readGguf } from '../../../engine/checkpoint/gguf/read';
import { type GgufValue, type WrittenTensor, writeGguf } from '../../../fixtures/gguf';
import { temporaryFolder } from '../../../fixtures/runs';
import { METADATA, smallLlama, TENSORS, zeros } from './small-llama';

const path = join(temporaryFolder(), 'model.gguf');

function read(more: Readonly<Record<string, GgufValue>> = {}, tensors: readonly WrittenTensor[] = []) {
  writeFileSync(path, writeGguf(smallLlama(more, [...TENSORS, ...tensors])));
  return readGguf(path);
}

/** @param more keys of the architecture that are added or replaced */
function readAs(architecture: string, more: Readonly<Record<string, GgufValue>>) {
  const own = Object.entries({ ...METADATA, ...prefixed('llama', more) }).map(([key, value]) => [
    key.replace(/^llama/, architecture),
    value,
  ]);
  const metadata = { ...Object.fromEntries(own), 'general.architecture': architecture };
  writeFileSync(path, writeGguf({ metadata, tensors: TENSORS }));
  return readGguf(path).config;
}

function prefixed(prefix: string, more: Readonly<Record<string, GgufValue>>) {
  return Object.fromEntries(Object.entries(more).map(([key, value]) => [`${prefix}.${key}`, value]));
}

describe('the config of a GGUF', () => {
  it('has the sizes, and the shapes that they stand for', () => {
    const { config, tensors, rotaryInterleaved, normsIncludeOne } = read();
    expect(config).toMatchObject({
      model_type: 'llama',
      vocab_size: 10,
      hidden_size: 32,
      intermediate_size: 64,
      num_hidden_layers: 1,
      num_attention_heads: 4,
      num_key_value_heads: 2,
      head_dim: 8,
      max_position_embeddings: 128,
      rms_norm_eps: Math.fround(1e-5),
      rope_theta: 10_000,
      rope_scaling: null,
      tie_word_embeddings: true,
      attention_bias: false,
    });
    expect(tensors.get('model.layers.0.mlp.down_proj.weight')!.dims).toEqual([32, 64]);
    expect([rotaryInterleaved, normsIncludeOne]).toEqual([true, false]);
  });

  it('follows the tensors where they decide', () => {
    const { config } = read({}, [zeros('output.weight', [10, 32]), zeros('blk.0.attn_q.bias', [32])]);
    expect(config).toMatchObject({ tie_word_embeddings: false, attention_bias: true });
  });

  it('has every end of an answer', () => {
    expect(read({ 'tokenizer.ggml.eos_token_id': 2 }).config.eos_token_id).toBe(2);
    const ends = { 'tokenizer.ggml.eos_token_id': 2, 'tokenizer.ggml.eot_token_id': 7 };
    expect(read({ ...ends, 'tokenizer.ggml.eom_token_id': 2 }).config.eos_token_id).toEqual([2, 7]);
  });

  it('has one count where the file has one for each layer', () => {
    expect(read({ 'llama.attention.head_count': Int32Array.of(4) }).config.num_attention_heads).toBe(4);
  });

  it('scales rotary angles as it is told', () => {
    const scaling = (more: Readonly<Record<string, GgufValue>>, tensors: readonly WrittenTensor[] = []) =>
      read(more, tensors).config.rope_scaling;
    const factor = { 'llama.rope.scaling.factor': { f32: 4 } };
    expect(scaling(factor)).toEqual({ rope_type: 'linear', factor: 4 });
    expect(scaling({ 'llama.rope.scale_linear': { f32: 2 } })).toEqual({ rope_type: 'linear', factor: 2 });
    expect(scaling({ ...factor, 'llama.rope.scaling.type': 'none' })).toBeNull();
    expect(
      scaling({
        ...factor,
        'llama.rope.scaling.type': 'yarn',
        'llama.rope.scaling.original_context_length': 32,
        'llama.rope.scaling.yarn_beta_fast': { f32: 16 },
      }),
    ).toEqual({ rope_type: 'yarn', factor: 4, original_max_position_embeddings: 32, beta_fast: 16 });
  });

  it('has the factors that are stored as a tensor', () => {
    const factors = Float32Array.of(1, 1, 2.5, 8);
    const stored = { ...zeros('rope_freqs.weight', [4]), bytes: new Uint8Array(factors.buffer) };
    const { config, tensors } = read({}, [stored]);
    expect(config.rope_scaling).toEqual({ rope_type: 'factors', factors: [...factors] });
    expect(tensors.size).toBe(TENSORS.length);
    const broken = zeros('rope_freqs.weight', [4]);
    expect(() => read({}, [broken])).toThrow('"rope_freqs.weight"');
  });

  it('turns a part of each head', () => {
    expect(read({ 'llama.rope.dimension_count': 6 }).config.partial_rotary_factor).toBe(0.75);
    expect(read({ 'llama.rope.dimension_count': 8 }).config).not.toHaveProperty('partial_rotary_factor');
    const odd = { 'llama.attention.key_length': 88, 'llama.attention.value_length': 88 };
    const { partial_rotary_factor } = read({ ...odd, 'llama.rope.dimension_count': 30 }).config;
    expect(Math.trunc(88 * Number(partial_rotary_factor))).toBe(30);
  });

  it('is of Mistral where attention slides', () => {
    const { config } = read({ 'llama.attention.sliding_window': 16 });
    expect(config).toMatchObject({ model_type: 'mistral', sliding_window: 16 });
  });

  it("takes Gemma 3's two bases of rotary angles by llama.cpp's names, by Ollama's, or as its family has them", () => {
    const bases = (more: Readonly<Record<string, number>>) => {
      const { rope_theta, rope_local_base_freq } = readAs('gemma3', more);
      return [rope_theta, rope_local_base_freq];
    };
    expect(bases({})).toEqual([1_000_000, 10_000]);
    expect(bases({ 'rope.freq_base': 5, 'rope.freq_base_swa': 3 })).toEqual([5, 3]);
    expect(bases({ 'rope.global.freq_base': 5, 'rope.local.freq_base': 3 })).toEqual([5, 3]);
  });

  it("slides in the layers that the file names, or by the family's pattern", () => {
    const slides = (architecture: string, more: Readonly<Record<string, GgufValue>>) => {
      const { layer_types } = readAs(architecture, {
        block_count: 7,
        'attention.sliding_window': 8,
        ...more,
      });
      return z
        .array(z.string())
        .parse(layer_types)
        .map((type) => (type === 'sliding_attention' ? 1 : 0))
        .join('');
    };
    const pattern = 'attention.sliding_window_pattern';
    expect(slides('gemma3', {})).toBe('1111101');
    expect(slides('gemma3', { 'attention.sliding_window': 0 })).toBe('0000000');
    expect(slides('gemma2', {})).toBe('1010101');
    expect(slides('gemma2', { 'attention.sliding_window': 0 })).toBe('1010101');
    expect(slides('gemma3', { [pattern]: 3 })).toBe('1101101');
    expect(slides('gemma3', { [pattern]: Int32Array.of(0, 1, 1, 0, 0, 1, 1) })).toBe('0110011');
    expect(() => slides('gemma3', { [pattern]: Int32Array.of(0, 1) })).toThrow('of 2 of 7 layers');
  });

  it('has what llama.cpp takes for granted of Gemma 2, and of the 27B of both', () => {
    expect(readAs('gemma2', {})).toMatchObject({
      attn_logit_softcapping: 50,
      final_logit_softcapping: 30,
      sliding_window: 4096,
      query_pre_attn_scalar: 8,
    });
    const wide = { 'attention.key_length': 16, 'attention.value_length': 16 };
    expect(readAs('gemma2', wide).query_pre_attn_scalar).toBe(16);
    expect(readAs('gemma2', { ...wide, block_count: 46 }).query_pre_attn_scalar).toBe(8);
    expect(readAs('gemma3', { ...wide, block_count: 62 }).query_pre_attn_scalar).toBe(8);
  });

  it("caps Gemma 3's logits where the file says so, unless by 0", () => {
    const cap = (more: Readonly<Record<string, GgufValue>>) => readAs('gemma3', more).final_logit_softcapping;
    expect(cap({})).toBeNull();
    expect(cap({ final_logit_softcapping: { f32: 0 } })).toBeNull();
    expect(cap({ final_logit_softcapping: { f32: 30 } })).toBe(30);
  });

  it('leaves out the angles of every fourth layer of SmolLM 3, and knows Olmo 3 by its window', () => {
    expect(readAs('smollm3', { block_count: 5 }).no_rope_layers).toEqual([1, 1, 1, 0, 1]);
    expect(readAs('olmo2', {}).model_type).toBe('olmo2');
    expect(readAs('olmo2', { 'attention.sliding_window': 8 }).model_type).toBe('olmo3');
  });

  it('has 1 for the multipliers of Granite that the file leaves out, and the usual scale of attention', () => {
    expect(readAs('granite', { residual_scale: { f32: 0.5 } })).toMatchObject({
      residual_multiplier: 0.5,
      embedding_multiplier: 1,
      logits_scaling: 1,
      attention_multiplier: 8 ** -0.5,
    });
    expect(() => readAs('granite', { 'rope.scaling.finetuned': false })).toThrow('has no rotary angles');
  });

  it.each(['yarn_ext_factor', 'yarn_log_multiplier'])('refuses to scale rotary angles by %s', (key) => {
    const yarn = { 'rope.scaling.type': 'yarn', 'rope.scaling.factor': 4 };
    expect(() => readAs('llama', { ...yarn, [`rope.scaling.${key}`]: 1 })).toThrow(`by "${key}"`);
  });

  it('is read beside the metadata, whose lists are decoded one by one', () => {
    const { metadata } = read({ 'a.float': { f32: 0.5 }, 'a.big': 2n ** 60n, 'a.flag': true });
    const tokens = metadata.texts('tokenizer.ggml.tokens')!;
    expect([tokens.length, tokens.at(3), [...tokens].at(-1)]).toEqual([10, 'token 3', 'token 9']);
    expect(() => tokens.at(10)).toThrow(RangeError);
    expect(metadata.numbers('tokenizer.ggml.token_type')).toEqual(new Int32Array(10).fill(1));
    expect([metadata.number('a.float'), metadata.flag('a.flag'), metadata.get('a.big')]).toEqual([
      0.5,
      true,
      2 ** 60,
    ]);
    for (const wrong of [() => metadata.text('a.flag'), () => metadata.count('a.big')]) {
      expect(wrong).toThrow(/"a\.(flag|big)" in its metadata is not/);
    }
  });
});
