/** The bench's random model once more as a checkpoint: in float32 safetensors, and as a GGUF of 4-bit blocks. */
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { ggufHead, type TensorHead } from '../../fixtures/gguf';
import { decoderOptions } from '../../fixtures/options';
import { RandomFill, uniform } from '../../fixtures/random-fill';
import { byteLevelTokenizer } from '../../fixtures/tokenizer';
import { type WeightSpec, weightSpecs } from '../../fixtures/weights';
import { FOLDER, SHAPE } from './models';

export const CHECKPOINT = `${FOLDER}-checkpoint`;
export const GGUF = join(`${FOLDER}-q4_0`, 'random-Q4_0.gguf');

const CONFIGS = ['config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json'];

/** Writes them where they are missing: 2.3 GB. */
export function benchCheckpoints(say: (line: string) => void): void {
  const make = (folder: string, write: (partial: string) => void) => {
    if (existsSync(folder)) return;
    say(`writing ${folder}`);
    const partial = `${folder}.partial`;
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    write(partial);
    renameSync(partial, folder);
  };
  make(CHECKPOINT, writeSafetensors);
  make(join(GGUF, '..'), (partial) => writeQ40(join(partial, 'random-Q4_0.gguf')));
}

const options = decoderOptions(SHAPE);

/** As transformers stores them: a layer's matrix is [out, in], and attention has a name of its own. */
function stored({ name, dims, ...rest }: WeightSpec): WeightSpec {
  const isOfLayer = dims.length === 2 && name.includes('.layers.');
  return { ...rest, name: name.replace('.attn.', '.self_attn.'), dims: isOfLayer ? dims.toReversed() : dims };
}

function writeSafetensors(folder: string): void {
  for (const file of CONFIGS) copyFileSync(join(FOLDER, file), join(folder, file));
  const specs = weightSpecs(options).map(stored);
  let end = 0;
  const entries = specs.map(({ name, dims }) => {
    const start = end;
    end += 4 * product(dims);
    return [name, { dtype: 'F32', shape: dims, data_offsets: [start, end] }];
  });
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const fill = new RandomFill(options.seed);
  const file = openSync(join(folder, 'model.safetensors'), 'w');
  try {
    for (const part of [length, header]) writeSync(file, part);
    for (const { dims, mean, deviation } of specs) {
      for (const chunk of fill.chunks(product(dims), mean, deviation)) writeSync(file, chunk);
    }
  } finally {
    closeSync(file);
  }
}

const GGML_NAMES: readonly (readonly [string, string])[] = [
  ['model.embed_tokens', 'token_embd'],
  ['model.norm', 'output_norm'],
  ['model.layers.', 'blk.'],
  ['input_layernorm', 'attn_norm'],
  ['self_attn.q_proj', 'attn_q'],
  ['self_attn.k_proj', 'attn_k'],
  ['self_attn.v_proj', 'attn_v'],
  ['self_attn.o_proj', 'attn_output'],
  ['post_attention_layernorm', 'ffn_norm'],
  ['mlp.gate_proj', 'ffn_gate'],
  ['mlp.up_proj', 'ffn_up'],
  ['mlp.down_proj', 'ffn_down'],
];
const BLOCK = 32;
/** A float16 scale, then 32 codes of 4 bits. */
const BLOCK_BYTES = 18;
/** As many as are drawn, and by how many a matrix begins after the one before: no two at the same. */
const [BLOCKS, STRIDE] = [2 ** 16, 9973];
/** 2^-9 as float16: with codes of -8 to 7, weights of about the deviation that layers of this width have. */
const SCALE = 0x1800;

/** Matrices in Q4_0, vectors in float32. Every length is a whole multiple of the alignment. */
function writeQ40(path: string): void {
  const specs = weightSpecs(options).map(stored);
  const fill = new RandomFill(options.seed);
  const tensors = specs.map(({ name, dims }): TensorHead => {
    const isMatrix = dims.length === 2;
    const length = isMatrix ? (product(dims) / BLOCK) * BLOCK_BYTES : 4 * product(dims);
    return { name: ggmlName(name), type: isMatrix ? 'Q4_0' : 'F32', dims, length };
  });
  const codes = randomBlocks();
  const file = openSync(path, 'w');
  try {
    writeSync(file, ggufHead({ metadata: metadata(), tensors }));
    for (const [i, { dims, mean, deviation }] of specs.entries()) {
      if (dims.length === 1) {
        for (const chunk of fill.chunks(product(dims), mean, deviation)) writeSync(file, chunk);
      } else {
        // From another block on for each: what is the same in all layers onnxruntime would keep once, in the cache.
        let at = ((i * STRIDE) % BLOCKS) * BLOCK_BYTES;
        for (let left = tensors[i]!.length; left > 0; at = 0)
          left -= writeSync(file, codes, at, Math.min(left, codes.length - at));
      }
    }
  } finally {
    closeSync(file);
  }
}

function randomBlocks(): Buffer {
  const random = uniform(options.seed);
  const blocks = Buffer.from(Uint8Array.from({ length: BLOCKS * BLOCK_BYTES }, () => 256 * random()));
  for (let at = 0; at < blocks.length; at += BLOCK_BYTES) blocks.writeUInt16LE(SCALE, at);
  return blocks;
}

function metadata() {
  const { tokens, merges } = byteLevelTokenizer(false);
  const unused = Array.from({ length: SHAPE.vocab - tokens.length }, (_, i) => `<unused${i}>`);
  const [NORMAL, CONTROL, UNUSED] = [1, 3, 5];
  const types = tokens.map((token) => (token.startsWith('<|') ? CONTROL : NORMAL));
  return {
    'general.architecture': 'qwen2',
    'qwen2.block_count': SHAPE.layers,
    'qwen2.context_length': SHAPE.contextLength,
    'qwen2.embedding_length': SHAPE.d,
    'qwen2.feed_forward_length': SHAPE.ffn,
    'qwen2.attention.head_count': SHAPE.heads,
    'qwen2.attention.head_count_kv': SHAPE.kvHeads,
    'qwen2.attention.layer_norm_rms_epsilon': { f32: options.normEps },
    'qwen2.rope.freq_base': { f32: SHAPE.ropeTheta },
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': 'gpt-2',
    'tokenizer.ggml.tokens': [...tokens, ...unused],
    'tokenizer.ggml.token_type': Int32Array.from([...types, ...unused.map(() => UNUSED)]),
    'tokenizer.ggml.merges': merges.map((pair) => pair.join(' ')),
    'tokenizer.ggml.eos_token_id': 0,
    'tokenizer.ggml.add_bos_token': false,
  };
}

function ggmlName(name: string): string {
  return GGML_NAMES.reduce((text, [theirs, ggml]) => text.replace(theirs, ggml), name);
}

function product(dims: readonly number[]): number {
  return dims.reduce((all, dim) => all * dim, 1);
}
