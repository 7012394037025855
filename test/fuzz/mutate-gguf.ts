/** GGUF files changed by someone who knows the format: keys, values, shapes, types and places; or any byte. */
import { type GgufValue, type WrittenGguf, type WrittenTensor, writeGguf } from '../../fixtures/gguf';
import { mutateBytes } from './mutate-bytes';
import type { Random } from './random';

export function mutateGguf(donor: WrittenGguf, random: Random): Uint8Array {
  let mutant = donor;
  for (let changes = 1 + random.below(2); changes > 0; changes--) mutant = changed(mutant, random);
  const bytes = writeGguf(mutant);
  return random.chance(0.3) ? mutateBytes(bytes, random) : bytes;
}

function changed(file: WrittenGguf, random: Random): WrittenGguf {
  switch (random.below(8)) {
    case 0:
      return { ...file, version: random.pick([0, 1, 2, 3, 4, 3 << 24]) };
    case 1:
      return { ...file, alignment: random.pick([1, 8, 32, 64]) };
    case 2:
    case 3:
    case 4:
      return { ...file, metadata: otherMetadata(file.metadata, random) };
    default:
      return { ...file, tensors: otherTensors(file.tensors, random) };
  }
}

function otherMetadata(metadata: WrittenGguf['metadata'], random: Random): WrittenGguf['metadata'] {
  const key = random.pick(Object.keys(metadata));
  const { [key]: _, ...rest } = metadata;
  const architecture = random.chance(0.1) ? random.pick(ARCHITECTURES) : 'llama';
  switch (random.below(4)) {
    case 0:
      return rest;
    case 1:
      return { ...metadata, [`${architecture}.${random.pick(KEYS)}`]: value(random) };
    case 2:
      return { ...metadata, [random.pick(GENERAL)]: value(random) };
    default:
      return { ...metadata, [key]: value(random) };
  }
}

function otherTensors(tensors: readonly WrittenTensor[], random: Random): WrittenTensor[] {
  const at = random.below(tensors.length);
  const tensor = tensors[at]!;
  const replaced = (change: Partial<WrittenTensor>) => tensors.with(at, { ...tensor, ...change });
  switch (random.below(6)) {
    case 0:
      return tensors.filter((_, i) => i !== at);
    case 1:
      return [...tensors, { ...tensor, name: random.pick(NAMES) }];
    case 2:
      return replaced({ name: random.pick([...NAMES, random.pick(tensors).name]) });
    case 3:
      return replaced({ type: { id: random.below(45) } });
    case 4:
      return replaced({ offset: random.pick([0, 1, 32, 4096, 2 ** 31, 2n ** 63n]) });
    default:
      return replaced({ dims: otherDims(tensor.dims, random) });
  }
}

function otherDims(dims: WrittenTensor['dims'], random: Random): WrittenTensor['dims'] {
  if (random.chance(0.3)) return dims.toReversed();
  if (random.chance(0.2)) return [...dims, random.pick(COUNTS)];
  return dims.with(random.below(dims.length), random.pick(COUNTS));
}

const COUNTS = [0n, 1n, 2n, 31n, 32n, 64n, 2n ** 20n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 64n - 1n];

function value(random: Random): GgufValue {
  switch (random.below(8)) {
    case 0:
      return random.pick(WORDS);
    case 1:
      return random.chance(0.5);
    case 2:
      return random.pick(COUNTS);
    case 3:
      return { f32: random.pick([Number.NaN, Number.POSITIVE_INFINITY, -1, 0, 1e-30, 0.5, 1e30]) };
    case 4:
      return random.chance(0.5) ? [] : random.pick([WORDS, new Array(1000).fill('x')]);
    case 5:
      return Int32Array.from({ length: random.pick([0, 1, 2, 10]) }, () => random.below(3) - 1);
    case 6:
      return Float32Array.from({ length: random.pick([0, 1, 4, 1000]) }, () => random.below(100) / 10);
    default:
      return Number(random.pick(COUNTS) % 2n ** 32n);
  }
}

const ARCHITECTURES = [
  'qwen2',
  'phi3',
  'gemma',
  'gemma2',
  'gemma3',
  'granite',
  'smollm3',
  'olmo2',
  'command-r',
];
const WORDS = [
  ...ARCHITECTURES,
  'bert',
  'clip',
  'adapter',
  'yarn',
  'longrope',
  '__proto__',
  '\ud800',
  'x'.repeat(1e5),
];
const GENERAL = [
  'general.architecture',
  'general.type',
  'general.alignment',
  'split.count',
  'split.no',
  'split.tensors.count',
  'tokenizer.ggml.eos_token_id',
  'tokenizer.ggml.scores',
  'tokenizer.ggml.model',
  '__proto__',
];
const KEYS = [
  'attention.key_length',
  'attention.value_length',
  'attention.sliding_window',
  'expert_count',
  'rope.dimension_count',
  'rope.freq_base',
  'rope.scaling.type',
  'rope.scaling.factor',
  'rope.scaling.original_context_length',
  'vocab_size',
];
const NAMES = [
  'output.weight',
  'rope_freqs.weight',
  'rope_factors_long.weight',
  'blk.0.attn_q.bias',
  'blk.0.attn_q_norm.weight',
  'blk.0.attn_qkv.weight',
  'blk.1.attn_q.weight',
  'blk.99999999999999999999.attn_q.weight',
  'mm.0.weight',
  'x'.repeat(2000),
  '',
];
