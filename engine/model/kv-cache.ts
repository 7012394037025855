/** The key-value cache: what the graph calls past_key_values.* and present.*, for a batch of rows. */

import type { ModelConfig } from '../config/config';
import { DataType, dataTypeName } from '../onnx/proto/data-type';
import type { OnnxModel, ValueInfo } from '../onnx/proto/model-types';
import type { Tensors } from '../onnx/runtime/session';
import { badInput } from '../protocol';
import { elements, gather, type Side, tensorOf } from './kv-tensors';

export type { Side } from './kv-tensors';

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
      .filter((input) => presentName(input.name) !== undefined)
      .map((input) => slot(input, outputs, config));
    if (this.slots.length === 0) {
      throw badInput(
        'no-kv-cache',
        'the export has no key-value cache (inputs past_key_values.*)',
        'Export the model with its cache (in optimum: task text-generation-with-past).',
      );
    }
  }

  get layers(): number {
    return this.slots.length / 2;
  }

  empty(rows: number): KvCache {
    const tensors: Tensors = {};
    for (const { past, type, dims } of this.slots) {
      tensors[past] = tensorOf(
        type === 'float32' ? new Float32Array(0) : new Uint16Array(0),
        dims.with(0, rows),
      );
    }
    return new KvCache(this, tensors, rows, 0);
  }

  /** The cache after a forward pass. @param columns how many tokens its rows hold now, padding included */
  advance(outputs: Tensors, rows: number, columns: number): KvCache {
    const tensors: Tensors = {};
    for (const { past, present } of this.slots) tensors[past] = outputs[present]!;
    return new KvCache(this, tensors, rows, columns);
  }

  /**
   * One cache of rows of several, one at least, padded with zeros to the longest.
   * @param side where they are padded, and were
   */
  gather(rows: readonly CacheRow[], side: Side): KvCache {
    const columns = Math.max(...rows.map(({ length }) => length));
    return new KvCache(this, this.gatherTensors(rows, side, columns), rows.length, columns);
  }

  /** @param columns how many tokens there is to be room for */
  gatherTensors(rows: readonly CacheRow[], side: Side, columns: number): Tensors {
    const tensors: Tensors = {};
    for (const { past, lengthAxis } of this.slots) {
      const parts = rows.map(({ cache, row, length }) => {
        return { tensor: cache.tensors[past]!, row, length, held: cache.columns };
      });
      tensors[past] = gather(parts, lengthAxis, side, columns);
    }
    return tensors;
  }
}

/** A row of some cache: the tokens at the left of its padding, or at the right. */
export interface CacheRow {
  readonly cache: KvCache;
  readonly row: number;
  /** In tokens. */
  readonly length: number;
}

/** Tensors that caches share, one going on where another ends. */
interface Room {
  /** In tokens. */
  readonly columns: number;
  /** What is before is some cache's, and never written again. */
  used: number;
}

/** In tokens: what a copy has beyond what it is made for. */
const MIN_ROOM = 128;

export class KvCache {
  constructor(
    private readonly layout: KvLayout,
    /** By the past inputs' names; the batch is axis 0. They may have room behind the tokens. */
    readonly tensors: Tensors,
    readonly rows: number,
    /** Tokens of a row, its padding included. */
    readonly columns: number,
    private readonly room?: Room,
  ) {}

  /** The tensors by the names of the outputs that go on writing them. */
  get presents(): Tensors {
    return Object.fromEntries(this.layout.slots.map(({ past, present }) => [present, this.tensors[past]!]));
  }

  get byteLength(): number {
    return Object.values(this.tensors).reduce((sum, tensor) => sum + elements(tensor).byteLength, 0);
  }

  /** A cache whose row i is this one's row `sources[i]`. */
  select(sources: readonly number[]): KvCache {
    if (sources.length === this.rows && sources.every((source, i) => source === i)) return this;
    const rows = sources.map((row) => ({ cache: this, row, length: this.columns }));
    return this.layout.gather(rows, 'left');
  }

  /**
   * Of so many tokens more, yet to be written behind the others: in the same tensors where there is room and no other
   * sequence has gone on there, else in a copy with more room.
   */
  grown(tokens: number): KvCache {
    const columns = this.columns + tokens;
    const isFree = this.room?.used === this.columns && columns <= this.room.columns;
    const { tensors, room } = isFree ? { tensors: this.tensors, room: this.room } : this.copied(columns);
    room.used = columns;
    return new KvCache(this.layout, tensors, this.rows, columns, room);
  }

  private copied(columns: number): { readonly tensors: Tensors; readonly room: Room } {
    const room = { columns: columns + Math.max(MIN_ROOM, Math.ceil(columns / 4)), used: this.columns };
    const rows = Array.from({ length: this.rows }, (_, row) => ({ cache: this, row, length: this.columns }));
    return { tensors: this.layout.gatherTensors(rows, 'right', room.columns), room };
  }

  /** The first `length` tokens of the only row. */
  truncate(length: number): KvCache {
    return this.layout.gather([{ cache: this, row: 0, length }], 'right');
  }
}

/** The output that continues a past input, by the names of optimum or of onnxruntime; undefined for other inputs. */
export function presentName(past: string): string | undefined {
  const [, rest] = /^past_key_values\.(\d+\.(?:key|value))$/.exec(past) ?? [];
  if (rest !== undefined) return `present.${rest}`;
  const [, part] = /^past_((?:key|value)_\d+)$/.exec(past) ?? [];
  return part === undefined ? undefined : `present_${part}`;
}

function slot(input: ValueInfo, outputs: ReadonlySet<string>, config: ModelConfig): Slot {
  const present = presentName(input.name)!;
  if (!outputs.has(present)) {
    throw badInput('kv-cache', `input "${input.name}" has no output "${present}" to continue it`);
  }
  if (input.elemType !== DataType.FLOAT && input.elemType !== DataType.FLOAT16) {
    throw badInput(
      'kv-cache',
      `input "${input.name}" is ${dataTypeName(input.elemType)}, and a key-value cache must be float32 or float16`,
      'Try another dtype or export of the model: fp32, fp16 or q4.',
    );
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
  if (lengthAxis < 0 || !dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0)) {
    throw badInput(
      'kv-cache',
      `input "${input.name}" is not shaped like a cache: [${input.dims.join(', ')}]`,
    );
  }
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
