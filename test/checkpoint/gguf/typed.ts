/** A llama in GGUF whose matrices are of one type: random blocks, as `../recipe-gguf/every_type.py` gave them to PyTorch. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { BLOCK_TYPES, type TensorType } from '../../../engine/checkpoint/checkpoint';
import { ARCHITECTURES } from '../../../engine/checkpoint/gguf/architectures';
import { readHeader } from '../../../engine/checkpoint/gguf/header';
import { transformersName } from '../../../engine/checkpoint/gguf/names';
import { floatBytes, nameHash, tensorValues } from '../../../fixtures/checkpoint';
import { randomBlocks, STORED } from '../../../fixtures/ggml-blocks';
import { type GgufValue, type WrittenTensor, writeGguf } from '../../../fixtures/gguf';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const [HIDDEN, VOCAB] = [256, 400];

/** PyTorch's losses by type, before each of 5 steps of SLOT and after the last. */
export const TYPED = JSON.parse(readFileSync(join(FIXTURES, 'types.json'), 'utf8')) as Readonly<
  Record<string, readonly number[]>
>;

export function writeTyped(path: string, type: TensorType): void {
  const matrices = [
    ['token_embd', VOCAB],
    ['blk.0.attn_q', HIDDEN],
    ['blk.0.attn_k', HIDDEN / 2],
    ['blk.0.attn_v', HIDDEN / 2],
    ['blk.0.attn_output', HIDDEN],
    ['blk.0.ffn_gate', HIDDEN],
    ['blk.0.ffn_up', HIDDEN],
    ['blk.0.ffn_down', HIDDEN],
  ] as const;
  const norms = ['output_norm', 'blk.0.attn_norm', 'blk.0.ffn_norm'] as const;
  const tensors = [
    ...matrices.map(([name, rows]) => tensor(`${name}.weight`, type, [rows, HIDDEN])),
    ...norms.map((name) => tensor(`${name}.weight`, 'F32', [HIDDEN])),
  ];
  const metadata = {
    'general.architecture': 'llama',
    'llama.block_count': 1,
    'llama.context_length': 256,
    'llama.embedding_length': HIDDEN,
    'llama.feed_forward_length': HIDDEN,
    'llama.attention.head_count': 4,
    'llama.attention.head_count_kv': 2,
    'llama.attention.layer_norm_rms_epsilon': { f32: 0.05 },
    'llama.rope.freq_base': { f32: 1000 },
    ...tokenizerMetadata(),
  };
  writeFileSync(path, writeGguf({ metadata, tensors }));
}

function tensor(name: string, type: TensorType, dims: readonly number[]): WrittenTensor {
  const known = transformersName(name, ARCHITECTURES.llama) ?? '';
  const count = dims.reduce((product, dim) => product * dim);
  for (const block of BLOCK_TYPES) {
    if (block !== type) continue;
    const bytes = randomBlocks(block, count / STORED[block].weights, nameHash(known, 0));
    return { name, type, dims, bytes };
  }
  const [mean, size] = dims.length === 1 ? [1, 0.5] : [0, 0.25];
  const values = tensorValues(known, [dims, mean, size], 0);
  return { name, type, dims, bytes: floatBytes(values, type === 'F16' || type === 'BF16' ? type : 'F32') };
}

/** Of the tokenizer that the prompt's ids are of, out of a file of llama.cpp's converter. */
export function tokenizerMetadata(): Readonly<Record<string, GgufValue>> {
  const bytes = gunzipSync(readFileSync(join(FIXTURES, 'llama.header.gz')));
  const source = {
    size: Number.MAX_SAFE_INTEGER,
    read: (at: number, length: number) => Buffer.concat([bytes.subarray(at)], length),
  };
  const { metadata } = readHeader(source, 'llama');
  return {
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': 'llama-bpe',
    'tokenizer.ggml.tokens': [...metadata.texts('tokenizer.ggml.tokens')!],
    'tokenizer.ggml.token_type': Int32Array.from(metadata.numbers('tokenizer.ggml.token_type')!),
    'tokenizer.ggml.merges': [...metadata.texts('tokenizer.ggml.merges')!],
    'tokenizer.ggml.bos_token_id': 0,
    'tokenizer.ggml.eos_token_id': 4,
    'tokenizer.ggml.add_bos_token': true,
  };
}
