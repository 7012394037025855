/** Puts a generated model's tensors where its options want them: inline, in data files, or as Constant nodes. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { DataType } from '../../engine/onnx/data-type';
import type { GraphBuilder } from '../../engine/onnx/graph-builder';
import { WireWriter } from '../../engine/onnx/wire';
import { toFloat16, toFloat16Array } from './float16';
import type { DecoderOptions } from './options';
import type { WeightSpec } from './weights';

const SPLIT_FILES = 3;
const TENSOR_ATTRIBUTE = 4;

interface DataFile {
  readonly location: string;
  readonly fd: number;
  size: number;
}

export class TensorWriter {
  readonly floatType: number;
  private readonly files: DataFile[];
  private readonly constants = new Map<string, string>();
  private dealt = 0;

  constructor(
    private readonly builder: GraphBuilder,
    private readonly options: DecoderOptions,
    onnxPath: string,
  ) {
    this.floatType = options.dtype === 'float32' ? DataType.FLOAT : DataType.FLOAT16;
    const count = { inline: 0, external: 1, split: SPLIT_FILES }[options.weights];
    this.files = Array.from({ length: count }, (_, i) => {
      const path = `${onnxPath}_data${i === 0 ? '' : `_${i}`}`;
      return { location: basename(path), fd: openSync(path, 'w'), size: 0 };
    });
  }

  /** A weight; its numbers are written as they come and never held together, unless they go inline. */
  weight({ name, dims }: WeightSpec, chunks: Iterable<Float32Array>): void {
    const file = this.files[this.dealt++ % this.files.length];
    if (file) this.external(file, name, dims, chunks);
    else {
      const parts = Array.from(chunks, (chunk) => this.floatBytes(chunk));
      this.builder.initializer(name, this.floatType, dims, Buffer.concat(parts));
    }
    if (this.options.initializersAsInputs) this.builder.input(name, this.floatType, dims);
  }

  ints(values: readonly number[], dims: readonly number[] = [values.length]): string {
    return this.constant(DataType.INT64, values, dims);
  }

  float(value: number, type = this.floatType): string {
    return this.constant(type, [value], []);
  }

  floats(values: readonly number[], dims: readonly number[], type = this.floatType): string {
    return this.constant(type, values, dims);
  }

  close(): void {
    for (const { fd } of this.files) closeSync(fd);
  }

  private external(
    file: DataFile,
    name: string,
    dims: readonly number[],
    chunks: Iterable<Float32Array>,
  ): void {
    const offset = file.size;
    for (const chunk of chunks) {
      const bytes = this.floatBytes(chunk);
      for (let written = 0; written < bytes.length; ) written += writeSync(file.fd, bytes, written);
      file.size += bytes.length;
    }
    const at = { location: file.location, offset, length: file.size - offset };
    this.builder.externalInitializer(name, this.floatType, dims, at);
  }

  private floatBytes(values: Float32Array): Uint8Array {
    const stored = this.floatType === DataType.FLOAT ? values : toFloat16Array(values);
    return new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
  }

  private constant(type: number, values: readonly number[], dims: readonly number[]): string {
    const key = JSON.stringify([type, values, dims]);
    const known = this.constants.get(key);
    if (known) return known;
    const name = `constant_${this.constants.size}`;
    this.constants.set(key, name);
    const { constants, initializersAsInputs } = this.options;
    if (constants === 'node') this.builder.copiedNode(constantNode(name, type, values, dims));
    else {
      const style = constants === 'typed' ? typedTensor : rawTensor;
      this.builder.copiedInitializer(name, style(name, type, values, dims));
      if (initializersAsInputs) this.builder.input(name, type, dims);
    }
    return name;
  }
}

function rawTensor(
  name: string,
  type: number,
  values: readonly number[],
  dims: readonly number[],
): Uint8Array {
  const stored =
    type === DataType.INT64
      ? BigInt64Array.from(values, BigInt)
      : type === DataType.FLOAT
        ? Float32Array.from(values)
        : Uint16Array.from(values, toFloat16);
  return tensorHead(name, type, dims).bytes(9, new Uint8Array(stored.buffer)).finish();
}

/** TensorProto's float_data (4), int32_data (5: float16 bits) and int64_data (7), packed. */
function typedTensor(
  name: string,
  type: number,
  values: readonly number[],
  dims: readonly number[],
): Uint8Array {
  const tensor = tensorHead(name, type, dims);
  if (type === DataType.FLOAT) tensor.bytes(4, new Uint8Array(Float32Array.from(values).buffer));
  else if (type === DataType.FLOAT16) tensor.bytes(5, packedVarints(values.map(toFloat16)));
  else tensor.bytes(7, packedVarints(values));
  return tensor.finish();
}

function tensorHead(name: string, type: number, dims: readonly number[]): WireWriter {
  const tensor = new WireWriter();
  for (const dim of dims) tensor.varint(1, dim);
  return tensor.varint(2, type).text(8, name);
}

function packedVarints(values: readonly number[]): Uint8Array {
  // A field's bytes less its one-byte key are the varint alone.
  return Buffer.concat(values.map((value) => new WireWriter().varint(1, value).finish().subarray(1)));
}

function constantNode(
  name: string,
  type: number,
  values: readonly number[],
  dims: readonly number[],
): Uint8Array {
  return new WireWriter()
    .text(2, name)
    .text(3, name)
    .text(4, 'Constant')
    .message(5, (attribute) =>
      attribute
        .text(1, 'value')
        .bytes(5, rawTensor('', type, values, dims))
        .varint(20, TENSOR_ATTRIBUTE),
    )
    .finish();
}
