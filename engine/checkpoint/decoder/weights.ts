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

  /** Matrices of as many columns as one, where their rows follow each other in their file; else undefined. */
  joined(matrices: readonly Matrix[]): Matrix | undefined {
    const [first, ...others] = matrices;
    if (!first) return undefined;
    return others.reduce<Matrix | undefined>((before, matrix) => before && appended(before, matrix), first);
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

export function readLocated({ file, offset, length }: Located): Uint8Array {
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

/** Rows of `b` after those of `a`. */
function appended(a: Matrix, b: Matrix): Matrix | undefined {
  if (a.kind !== 'blocks' || b.kind !== 'blocks') return undefined;
  const { blocks: first } = a;
  const { blocks: second } = b;
  const isAlike =
    first.columns === second.columns && first.bits === second.bits && first.blockSize === second.blockSize;
  const codes = following(first.codes, second.codes);
  const scales = following(first.scales, second.scales);
  const constants = following(first.constants, second.constants);
  const isWhole = !first.constants === !second.constants && !first.constants === !constants;
  if (!isAlike || !codes || !scales || !isWhole) return undefined;
  const rows = a.rows + b.rows;
  const blocks = { ...first, rows, codes, scales, ...(constants ? { constants } : {}) };
  return { kind: 'blocks', name: `${a.name}+${b.name}`, rows, columns: a.columns, blocks };
}

function following(a: Located | undefined, b: Located | undefined): Located | undefined {
  if (!a || !b || a.file !== b.file || a.offset + a.length !== b.offset) return undefined;
  return { ...a, length: a.length + b.length };
}

function unsupported(why: string) {
  return badInput('unsupported-checkpoint', why, 'Get the model again, or use an ONNX export of it.');
}
