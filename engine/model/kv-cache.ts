/** The key-value cache: what the graph calls past_key_values.* and present.*, for a batch of equally long rows. */

import { DataType } from '../onnx/data-type';
import type { OnnxModel, ValueInfo } from '../onnx/reader';
import { Tensor, type Tensors } from '../onnx/session';
import { badInput } from '../protocol';
import type { ModelConfig } from './folder';

/** One past input, the present output that replaces it, and its shape with the length left at 0. */
interface Slot {
  readonly past: string;
  readonly present: string;
  readonly type: 'float32' | 'float16';
  readonly dims: readonly number[];
  readonly lengthAxis: number;
}

export class KvLayout {
  readonly slots: readonly Slot[];

  constructor(model: OnnxModel, config: ModelConfig) {
    const outputs = new Set(model.outputs.map((output) => output.name));
    this.slots = model.inputs
      .filter((input) => input.name.startsWith('past_key_values.'))
      .map((input) => slot(input, outputs, config));
  }

  get layers(): number {
    return this.slots.length / 2;
  }

  empty(rows: number): KvCache {
    const tensors: Tensors = {};
    for (const { past, type, dims } of this.slots) {
      const shape = [rows, ...dims.slice(1)];
      tensors[past] =
        type === 'float32'
          ? new Tensor('float32', new Float32Array(0), shape)
          : new Tensor('float16', new Uint16Array(0), shape);
    }
    return new KvCache(tensors, rows);
  }

  /** The cache after a forward pass. */
  advance(outputs: Tensors, rows: number): KvCache {
    const tensors: Tensors = {};
    for (const { past, present } of this.slots) {
      const tensor = outputs[present];
      if (tensor) tensors[past] = tensor;
    }
    return new KvCache(tensors, rows);
  }
}

export class KvCache {
  constructor(
    /** By the past inputs' names; the batch is axis 0. */
    readonly tensors: Tensors,
    readonly rows: number,
  ) {}

  /** A cache whose row i is this one's row `sources[i]`. */
  select(sources: readonly number[]): KvCache {
    if (sources.length === this.rows && sources.every((source, i) => source === i)) return this;
    const tensors: Tensors = {};
    for (const [name, tensor] of Object.entries(this.tensors)) tensors[name] = selectRows(tensor, sources);
    return new KvCache(tensors, sources.length);
  }
}

function selectRows(tensor: Tensor, sources: readonly number[]): Tensor {
  const data = tensor.data as Float32Array | Uint16Array;
  const row = data.length / tensor.dims[0]!;
  const dims = [sources.length, ...tensor.dims.slice(1)];
  const copy = <T extends Float32Array | Uint16Array>(from: T, into: T): T => {
    sources.forEach((source, i) => {
      into.set(from.subarray(source * row, (source + 1) * row), i * row);
    });
    return into;
  };
  return data instanceof Float32Array
    ? new Tensor('float32', copy(data, new Float32Array(sources.length * row)), dims)
    : new Tensor('float16', copy(data, new Uint16Array(sources.length * row)), dims);
}

function slot(input: ValueInfo, outputs: ReadonlySet<string>, config: ModelConfig): Slot {
  const present = input.name.replace('past_key_values.', 'present.');
  if (!outputs.has(present)) {
    throw badInput('kv-cache', `input "${input.name}" has no output "${present}" to continue it`);
  }
  if (input.elemType !== DataType.FLOAT && input.elemType !== DataType.FLOAT16) {
    throw badInput('kv-cache', `input "${input.name}" is neither float32 nor float16`);
  }
  const type = input.elemType === DataType.FLOAT ? 'float32' : 'float16';
  const lengthAxis = input.dims.findIndex(
    (dim, axis) => axis > 0 && typeof dim === 'string' && !isHeads(dim, axis),
  );
  const dims = input.dims.map((dim, axis) => {
    if (typeof dim === 'number') return dim;
    if (axis === 0 || axis === lengthAxis) return 0;
    return fromConfig(axis, input, config);
  });
  return { past: input.name, present, type, dims, lengthAxis };
}

function isHeads(dim: string, axis: number): boolean {
  return axis === 1 && /head/i.test(dim);
}

/** A symbolic head count or head size, from config.json. */
function fromConfig(axis: number, input: ValueInfo, config: ModelConfig): number {
  const heads = config.num_attention_heads;
  const size = config.head_dim ?? (config.hidden_size && heads ? config.hidden_size / heads : undefined);
  const value = axis === 1 ? (config.num_key_value_heads ?? heads) : size;
  if (value === undefined) {
    throw badInput('kv-cache', `config.json does not tell the size of axis ${axis} of "${input.name}"`);
  }
  return value;
}
