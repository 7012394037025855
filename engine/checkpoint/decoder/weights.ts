/** A checkpoint's tensors as the decoder writer asks for them, each by name and shape. */
import { basename } from 'node:path';
import { DataType } from '../../onnx/proto/data-type';
import { decodeFloats } from '../../onnx/proto/float-data';
import type { ExternalData } from '../../onnx/proto/graph-builder';
import { FileSource } from '../../onnx/source/file-source';
import { badInput } from '../../protocol';
import type { BlockMatrix, Checkpoint, FloatType, Located, StoredTensor } from '../checkpoint';

/** A matrix [rows, columns] in a form that a product can be written for. */
export type Matrix = { readonly name: string; readonly rows: number; readonly columns: number } & (
  | { readonly kind: 'floats'; readonly type: FloatType; readonly at: Located }
  | { readonly kind: 'blocks'; readonly blocks: BlockMatrix }
);

export const ONNX_TYPES: Readonly<Record<FloatType, number>> = {
  F32: DataType.FLOAT,
  F16: DataType.FLOAT16,
  BF16: DataType.BFLOAT16,
};

/** Vectors are copied into the graph; the largest has an element for each token. */
const MAX_VECTOR = 2 ** 24;

/** What checkpoints carry beside weights, or beside those that count. */
const IGNORED = /(^|\.)rotary_emb\.inv_freq$|\.attn(ention)?\.(masked_)?bias$/;

export class Weights {
  /** Full paths of the files with matrices, by the location that the graph gives them. */
  readonly locations = new Map<string, string>();
  private readonly byPath = new Map<string, string>();
  private readonly asked = new Set<string>();

  constructor(
    private readonly checkpoint: Checkpoint,
    /** Matrices that were made into blocks, by name: used instead of the stored ones. */
    private readonly prepared: ReadonlyMap<string, BlockMatrix> = new Map(),
    private readonly read: (at: Located) => Uint8Array = readLocated,
  ) {}

  get normsIncludeOne(): boolean {
    return this.checkpoint.normsIncludeOne;
  }

  has(name: string): boolean {
    return this.checkpoint.tensors.has(name) || this.checkpoint.unread.has(name);
  }

  /** Some rows of the matrix [total, columns] of a name. @throws EngineError `unsupported-checkpoint` */
  rows(name: string, total: number, columns: number, first: number, count: number): Matrix {
    const whole = this.matrix(name, total, columns);
    if (first === 0 && count === total) return whole;
    const part = { name: `${name}[${first}:${first + count}]`, rows: count, columns };
    return whole.kind === 'floats'
      ? { ...part, kind: 'floats', type: whole.type, at: cutRows(whole.at, total, first, count) }
      : { ...part, kind: 'blocks', blocks: cutBlocks(whole.blocks, first, count) };
  }

  /** @throws EngineError `unsupported-checkpoint` where it is missing, or config.json means another shape */
  matrix(name: string, rows: number, columns: number): Matrix {
    const tensor = this.tensor(name, [rows, columns]);
    const prepared = this.prepared.get(name);
    if (prepared) return { kind: 'blocks', name, rows, columns, blocks: prepared };
    const { type } = tensor;
    if (!isFloat(type)) throw new Error(`${name} is stored as ${type}, which was not prepared`);
    return { kind: 'floats', name, rows, columns, type, at: tensor };
  }

  /** Undefined where the checkpoint has none. */
  optionalVector(name: string, length: number): Float32Array | undefined {
    return this.has(name) ? this.vector(name, length) : undefined;
  }

  /** @throws EngineError `unsupported-checkpoint` */
  vector(name: string, length: number): Float32Array {
    const tensor = this.tensor(name, [length]);
    if (!isFloat(tensor.type) || length > MAX_VECTOR) {
      throw unsupported(`tensor "${name}" of ${length} × ${tensor.type} cannot be read as a vector`);
    }
    return decodeFloats(this.read(tensor), { name, dataType: ONNX_TYPES[tensor.type] });
  }

  /** Where the graph says that bytes lie. */
  externalData({ file, offset, length }: Located): ExternalData {
    return { location: this.locationOf(file), offset, length };
  }

  /**
   * To be called when the graph is written. @param unused names that are known and not asked for
   * @throws EngineError `unsupported-checkpoint` naming a tensor that the graph has no place for
   */
  checkAllAsked(unused: readonly string[]): void {
    const { tensors, unread } = this.checkpoint;
    for (const name of [...tensors.keys(), ...unread.keys()]) {
      if (this.asked.has(name) || IGNORED.test(name) || unused.includes(name)) continue;
      throw unsupported(`the architecture has no place for the checkpoint's tensor "${name}"`);
    }
  }

  private tensor(name: string, dims: readonly number[]): StoredTensor {
    this.asked.add(name);
    const tensor = this.checkpoint.tensors.get(name);
    if (!tensor) {
      const type = this.checkpoint.unread.get(name);
      throw type === undefined
        ? unsupported(`the checkpoint has no tensor "${name}"`)
        : unsupported(`tensor "${name}" is stored as ${type}, which is not read`);
    }
    if (tensor.dims.length !== dims.length || tensor.dims.some((dim, axis) => dim !== dims[axis])) {
      throw unsupported(
        `tensor "${name}" has the shape [${tensor.dims.join(', ')}]; config.json means [${dims.join(', ')}]`,
      );
    }
    return tensor;
  }

  private locationOf(file: string): string {
    const known = this.byPath.get(file);
    if (known !== undefined) return known;
    const name = basename(file);
    const location = this.locations.has(name) ? `${this.locations.size}-${name}` : name;
    this.byPath.set(file, location);
    this.locations.set(location, file);
    return location;
  }
}

function readLocated({ file, offset, length }: Located): Uint8Array {
  const source = new FileSource(file);
  try {
    return source.copy(offset, length);
  } finally {
    source.close();
  }
}

function isFloat(type: string): type is FloatType {
  return Object.hasOwn(ONNX_TYPES, type);
}

function cutRows({ file, offset, length }: Located, total: number, first: number, count: number): Located {
  const row = length / total;
  return { file, offset: offset + first * row, length: count * row };
}

function cutBlocks(blocks: BlockMatrix, first: number, count: number): BlockMatrix {
  const { rows, codes, scales, constants } = blocks;
  const cut = (part: Located) => cutRows(part, rows, first, count);
  return {
    ...blocks,
    rows: count,
    codes: cut(codes),
    scales: cut(scales),
    ...(constants ? { constants: cut(constants) } : {}),
  };
}

export function unsupported(why: string) {
  return badInput('unsupported-checkpoint', why, 'Get the model again, or use an ONNX export of it.');
}
