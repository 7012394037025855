/** The tiny checkpoints as llama.cpp's converter writes them: its own headers, with weights made anew (`../recipe-gguf`). */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ARCHITECTURES, isArchitecture } from '../../../engine/checkpoint/gguf/architectures';
import { type GgufTensor, readHeader } from '../../../engine/checkpoint/gguf/header';
import { transformersName } from '../../../engine/checkpoint/gguf/names';
import { tensorValues } from '../../../fixtures/checkpoint';
import { readFamily } from '../families';

export interface Converted {
  /** What the GGUF can say of it. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Weights that follow from the config. */
  readonly factors: Readonly<Record<string, readonly number[]>>;
  /** Of the whole file. */
  readonly sha256: string;
  /** PyTorch's, before each of 5 steps of SLOT and after the last. */
  readonly losses: readonly number[];
}

const FIXTURES = join(import.meta.dirname, 'fixtures');

export const CONVERTED = JSON.parse(readFileSync(join(FIXTURES, 'families.json'), 'utf8')) as Readonly<
  Record<string, Converted>
>;

/** Writes the file that the converter wrote. @returns its bytes */
export function writeConverted(path: string, name: string): Buffer {
  const header = gunzipSync(readFileSync(join(FIXTURES, `${name}.header.gz`)));
  // The tensors that it tells of are still to be written.
  const size = Number.MAX_SAFE_INTEGER;
  const source = { size, read: (at: number, length: number) => Buffer.concat([header.subarray(at)], length) };
  const { metadata, tensors } = readHeader(source, name);
  const architecture = metadata.text('general.architecture') ?? '';
  const end = Math.max(...tensors.map(({ offset, length }) => offset + Math.ceil(length / 32) * 32));
  const bytes = Buffer.concat([header], end);
  for (const tensor of tensors) {
    const values = valuesOf(tensor, name, architecture);
    bytes.set(new Uint8Array(values.buffer), tensor.offset);
  }
  writeFileSync(path, bytes);
  return bytes;
}

function valuesOf({ name: ggml, dims }: GgufTensor, family: string, architecture: string): Float32Array {
  const factors = CONVERTED[family]!.factors[ggml];
  if (factors) return Float32Array.from(factors);
  if (!isArchitecture(architecture)) throw new Error(`${architecture} is not known`);
  const { seed, tensors, config } = readFamily(family);
  const name = transformersName(ggml, ARCHITECTURES[architecture]) ?? '';
  const spec = tensors[name];
  if (!spec) throw new Error(`${family} has no tensor ${name} for ${ggml}`);
  const [, mean, size] = spec;
  const values = tensorValues(name, [dims, mean, size], seed);
  if (architecture.startsWith('gemma') && name.endsWith('norm.weight'))
    return values.map((value) => value + 1);
  const heads = {
    q: config.num_attention_heads,
    k: config.num_key_value_heads ?? config.num_attention_heads,
  };
  const part = /self_attn\.([qk])_proj/.exec(name)?.[1];
  if (!['llama', 'granite', 'smollm3'].includes(architecture) || (part !== 'q' && part !== 'k'))
    return values;
  return interleaved(values, dims[0]! / Number(heads[part]), values.length / dims[0]!);
}

/** Rows of each head's first half and of its second, one from each in turn. */
function interleaved(values: Float32Array, headSize: number, columns: number): Float32Array {
  const stored = new Float32Array(values.length);
  const half = headSize / 2;
  for (let row = 0; row < values.length / columns; row++) {
    const [head, at] = [Math.floor(row / headSize), row % headSize];
    const to = head * headSize + 2 * (at % half) + (at < half ? 0 : 1);
    stored.set(values.subarray(row * columns, (row + 1) * columns), to * columns);
  }
  return stored;
}
