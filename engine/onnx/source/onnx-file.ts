/** An ONNX file with its external data: what views need to point back into it. */
import { basename, join, relative } from 'node:path';
import { badInput, EngineError } from '../../protocol';
import type { Range } from '../proto/byte-source';
import { byteLength, DataType, dataTypeName } from '../proto/data-type';
import { decodeFloats, fromFloat16 } from '../proto/float-data';
import type { ExternalData, GraphBuilder } from '../proto/graph-builder';
import type { OnnxModel, TensorInfo } from '../proto/model-types';
import { readOnnxModel } from '../proto/parse-model';
import { readInt32Data } from '../proto/parse-tensor';
import { changedFile } from './data-files';
import { commonFolder, LocalFiles, type ModelFiles } from './model-files';

/** Tensors below this many bytes are copied into views, since shape inference reads their values. */
const SMALL = 1024;
const MAX_COPY_BYTES = 256 * 2 ** 20;
/** Elements that are read here are scalars, one for each token, or the scales of a quantised head. */
const MAX_CONSTANT_ELEMENTS = 256 * 2 ** 20;

export class OnnxFile {
  readonly model: OnnxModel;
  /** What `location` in the views is relative to: a folder that holds the file and all its external data. */
  readonly folder: string;

  /**
   * @param files by default those on disk
   * @throws EngineError naming the file when it or its external data is missing, short or malformed.
   */
  constructor(
    readonly path: string,
    private readonly files: ModelFiles = new LocalFiles(path),
  ) {
    try {
      this.model = readOnnxModel(files.onnx);
      const graphs = [this.model, ...(this.model.firstCall ? [this.model.firstCall] : [])];
      const nested = graphs.flatMap(({ nestedExternal }) => nestedExternal);
      const tensors = [...graphs.flatMap(({ initializers }) => [...initializers.values()]), ...nested];
      for (const tensor of tensors) this.checkPayload(tensor);
      const locations = new Set(tensors.map(locationOf).filter((location) => location !== undefined));
      const data = [...locations].map((location) => files.realPath(location));
      this.folder = commonFolder(files.onnxPath === undefined ? data : [files.onnxPath, ...data]);
      for (const tensor of nested) this.checkInPlace(tensor);
    } catch (error) {
      files.close();
      throw named(error, path, files.hint);
    }
  }

  /** Nothing can be read after this: close it only after the sessions whose weights are read later. */
  close(): void {
    this.files.close();
  }

  /** Whether its files are unchanged since they were opened. */
  get isUnchanged(): boolean {
    return this.files.changed() === undefined;
  }

  /** To be called before reading long after opening. @throws EngineError `model-changed` */
  checkUnchanged(): void {
    const changed = this.files.changed();
    if (changed !== undefined) throw changedFile(changed);
  }

  /** Bytes of the ONNX file, for protos that are copied as they are. */
  bytes(range: Range): Uint8Array {
    return this.files.read(undefined, range.start, this.copiedLength(range));
  }

  /** Adds an initializer to a view: small ones copied, large ones mapped from where they lie. */
  addInitializer(builder: GraphBuilder, tensor: TensorInfo): string {
    const { name, dataType, dims } = tensor;
    const at = this.locate(tensor);
    if (!at) return builder.copiedInitializer(name, this.bytes(tensor.range));
    if (at.length >= SMALL) return builder.externalInitializer(name, dataType, dims, at);
    return builder.initializer(name, dataType, dims, this.readElements(tensor));
  }

  /** Adds some rows of a tensor (along its first axis) to a view, if need be in another shape. */
  addRows(
    builder: GraphBuilder,
    tensor: TensorInfo,
    first: number,
    count: number,
    dims: readonly number[] = [count, ...tensor.dims.slice(1)],
  ): string {
    const { dataType } = tensor;
    const whole = count === tensor.dims[0] && dims.length === tensor.dims.length;
    if (whole) return this.addInitializer(builder, tensor);
    const name = `${tensor.name}[${first}:${first + count}]`;
    const offset = byteLength(dataType, [first, ...tensor.dims.slice(1)])!;
    const length = byteLength(dataType, dims)!;
    if (length < SMALL)
      return builder.initializer(name, dataType, dims, this.readRange(tensor, offset, length));
    const at = this.located(tensor);
    return builder.externalInitializer(name, dataType, dims, { ...at, offset: at.offset + offset, length });
  }

  /** A tensor's elements, little-endian: for biases and scalars. */
  readElements(tensor: TensorInfo): Uint8Array {
    this.checkPayload(tensor);
    const length = byteLength(tensor.dataType, tensor.dims)!;
    if (length > MAX_CONSTANT_ELEMENTS)
      throw badInput('oversized-constant', `constant "${tensor.name}" has ${length} bytes`);
    return this.readRange(tensor, 0, length);
  }

  /** `length` bytes of a tensor's elements, from `offset` on. */
  readRange(tensor: TensorInfo, offset: number, length: number): Uint8Array {
    const { payload } = tensor;
    const start = payload.kind === 'inline' ? payload.range.start : this.located(tensor).offset;
    return this.files.read(locationOf(tensor), start + offset, length);
  }

  /** What a tensor holds, whatever its name: the elements of a small one, or where they lie. */
  contents(tensor: TensorInfo): unknown {
    const { dims, dataType, payload, range } = tensor;
    if (payload.kind === 'typed') return { dims, dataType, range };
    const isSmall = payload.kind !== 'number' && byteLength(dataType, dims)! < SMALL;
    return { dims, dataType, payload: isSmall ? this.readElements(tensor) : payload };
  }

  /** A floating-point constant's elements as numbers. */
  readFloats(tensor: TensorInfo): Float32Array {
    if (tensor.payload.kind === 'number') return Float32Array.of(tensor.payload.value);
    if (tensor.payload.kind === 'typed' && tensor.dataType === DataType.FLOAT16) {
      const proto = this.files.onnx.read(tensor.range.start, this.copiedLength(tensor.range));
      return Float32Array.from(readInt32Data(proto), fromFloat16);
    }
    return decodeFloats(this.readElements(tensor), tensor);
  }

  private copiedLength({ start, end }: Range): number {
    if (end - start <= MAX_COPY_BYTES) return end - start;
    const name = basename(this.path);
    throw badInput('oversized-proto', `${name} holds a node or typed tensor too large to copy`);
  }

  private located(tensor: TensorInfo): ExternalData {
    const at = this.locate(tensor);
    if (at) return at;
    throw badInput(
      'typed-tensor',
      `tensor "${tensor.name}" keeps its elements in typed fields, not raw bytes`,
    );
  }

  private locate(tensor: TensorInfo): ExternalData | undefined {
    const { payload, dataType, dims } = tensor;
    if (payload.kind === 'typed' || payload.kind === 'number') return undefined;
    if (payload.kind === 'inline') {
      const { onnxPath } = this.files;
      if (onnxPath === undefined) return undefined;
      const { start, end } = payload.range;
      return { location: relative(this.folder, onnxPath), offset: start, length: end - start };
    }
    const location = relative(this.folder, this.files.realPath(payload.location));
    return { location, offset: payload.offset, length: payload.length ?? byteLength(dataType, dims)! };
  }

  private checkPayload({ name, dims, dataType, payload }: TensorInfo): void {
    if (payload.kind === 'typed' || payload.kind === 'number') return;
    const expected = byteLength(dataType, dims);
    if (expected === undefined) {
      throw badInput('unsupported-type', `tensor "${name}" has elements of ${dataTypeName(dataType)}`);
    }
    const wrong = (found: number) =>
      badInput('wrong-size', `tensor "${name}" should hold ${expected} bytes but ${found} are there`);
    if (payload.kind === 'inline') {
      const found = payload.range.end - payload.range.start;
      if (found !== expected) throw wrong(found);
      return;
    }
    const length = payload.length ?? expected;
    if (length !== expected) throw wrong(length);
    const size = this.files.size(payload.location);
    if (payload.offset + length > size) {
      throw badInput(
        'external-data-short',
        `${payload.location} is too short: tensor "${name}" needs ${payload.offset + length} bytes, the file has ${size}`,
        this.files.hint,
      );
    }
  }

  /** Views copy nodes as they are: what those say of external data must hold in the views' folder too. */
  private checkInPlace({ name, payload }: TensorInfo): void {
    if (payload.kind !== 'external') return;
    const { location } = payload;
    if (relative(join(this.folder, location), this.files.realPath(location)) === '') return;
    throw badInput(
      'external-data-linked',
      `${basename(this.path)} keeps tensor "${name}" inside a node, with its data behind a link`,
      'Copy the model into a folder without links.',
    );
  }
}

/** The external-data file that a tensor's elements are in; undefined: the ONNX file itself. */
function locationOf({ payload }: TensorInfo): string | undefined {
  return payload.kind === 'external' ? payload.location : undefined;
}

const DAMAGED = new Set(['malformed-onnx', 'wrong-size']);

/** A read error with the file's name. */
function named(error: unknown, path: string, ifDamaged: string): unknown {
  if (error instanceof RangeError) return badInput('malformed-onnx', `${path} is malformed`, ifDamaged);
  if (!(error instanceof EngineError) || error.code.startsWith('external-data')) return error;
  const hint = error.hint || (DAMAGED.has(error.code) ? ifDamaged : '');
  return badInput(error.code, `${path}: ${error.message}`, hint);
}
