/**
 * A random decoder with 4-bit weights, written as onnx-community's q4 exports are: every matrix of the layers and
 * the head a MatMulNBits (blocks of 32 along the input, one scale each, zero point 8), the embedding in float32.
 */
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DataType } from '../../engine/onnx/proto/data-type';
import { GraphBuilder, OPSET } from '../../engine/onnx/proto/graph-builder';
import type { AttributeValue } from '../../engine/onnx/proto/graph-protos';
import { WireWriter } from '../../engine/onnx/proto/wire-writer';
import { type DecoderOptions, decoderOptions } from '../../fixtures/decoder';
import { DecoderGraph } from '../../fixtures/decoder-graph';
import { RandomFill } from '../../fixtures/random-fill';
import { TensorWriter } from '../../fixtures/tensor-writer';
import { EMBEDDING, type WeightSpec, weightSpecs } from '../../fixtures/weights';

const BLOCK = 32;
const ZERO_POINT = 8;
/** Standard deviation of the codes 0 … 15. */
const CODE_DEVIATION = 2.5;
const INT_ATTRIBUTE = 2;

/** Adds `onnx/model_q4.onnx` to a folder that has its configuration and tokenizer. */
export function writePackedDecoder(folder: string, asked: Partial<DecoderOptions>): void {
  const options = decoderOptions({ ...asked, head: 'MatMul', tied: false, weights: 'external' });
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  const path = join(folder, 'onnx', 'model_q4.onnx');
  const specs = weightSpecs(options);
  const packed = specs.filter(({ name, dims }) => dims.length === 2 && name !== EMBEDDING);
  const builder = new PackedBuilder(packed);
  const tensors = new TensorWriter(builder, options, path);
  const fill = new RandomFill(options.seed);
  for (const spec of specs) {
    if (packed.includes(spec)) continue;
    tensors.weight(spec, fill.chunks(product(spec.dims), spec.mean, spec.deviation));
  }
  writePacked(builder, packed, `${path}_data_1`, fill);
  new DecoderGraph(builder, tensors, options).write();
  tensors.close();
  writeFileSync(path, builder.finish());
}

/** Writes MatMul by a packed weight as MatMulNBits, and everything else as it comes. */
class PackedBuilder extends GraphBuilder {
  private readonly packed: ReadonlyMap<string, WeightSpec>;

  constructor(packed: readonly WeightSpec[]) {
    super(
      new Map([
        ['', OPSET],
        ['com.microsoft', 1],
      ]),
    );
    this.packed = new Map(packed.map((spec) => [spec.name, spec]));
  }

  override node(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    output?: string,
  ): string {
    const spec = opType === 'MatMul' ? this.packed.get(inputs[1] ?? '') : undefined;
    if (!spec) return super.node(opType, inputs, attributes, output);
    const [rows, columns] = spec.dims;
    const y = output ?? `${spec.name}_output`;
    const node = new WireWriter();
    for (const input of [inputs[0]!, codesName(spec), scalesName(spec)]) node.text(1, input);
    node.text(2, y).text(3, `${spec.name}_Q4`).text(4, 'MatMulNBits').text(7, 'com.microsoft');
    const ints = { K: rows!, N: columns!, bits: 4, block_size: BLOCK };
    for (const [name, value] of Object.entries(ints)) {
      node.message(5, (attribute) => attribute.text(1, name).varint(3, value).varint(20, INT_ATTRIBUTE));
    }
    this.copiedNode(node.finish());
    return y;
  }
}

/** Codes [N, K/32, 16 bytes] and scales [N, K/32] of each matrix [K, N]. */
function writePacked(
  builder: GraphBuilder,
  specs: readonly WeightSpec[],
  path: string,
  fill: RandomFill,
): void {
  const fd = openSync(path, 'w');
  let size = 0;
  const add = (name: string, type: number, dims: readonly number[], chunks: Iterable<Uint8Array>) => {
    const offset = size;
    for (const chunk of chunks) {
      for (let written = 0; written < chunk.length; ) written += writeSync(fd, chunk, written);
      size += chunk.length;
    }
    builder.externalInitializer(name, type, dims, {
      location: basename(path),
      offset,
      length: size - offset,
    });
  };
  for (const spec of specs) {
    const [rows, columns] = spec.dims as [number, number];
    const blocks = rows / BLOCK;
    const scale = spec.deviation / CODE_DEVIATION;
    add(codesName(spec), DataType.UINT8, [columns, blocks, BLOCK / 2], codes(fill, rows * columns));
    add(scalesName(spec), DataType.FLOAT, [columns * blocks], scales(fill, columns * blocks, scale));
  }
  closeSync(fd);
}

/** Normal numbers as codes, two to a byte: its halves mirror each other, which no kernel can tell. */
function* codes(fill: RandomFill, count: number): Generator<Uint8Array> {
  for (const chunk of fill.chunks(count / 2, 0, CODE_DEVIATION)) {
    const packed = new Uint8Array(chunk.length);
    for (let i = 0; i < chunk.length; i++) {
      const code = Math.min(ZERO_POINT - 1, Math.max(1 - ZERO_POINT, Math.round(chunk[i]!)));
      packed[i] = (ZERO_POINT + code) | ((ZERO_POINT - code) << 4);
    }
    yield packed;
  }
}

function* scales(fill: RandomFill, count: number, scale: number): Generator<Uint8Array> {
  for (const chunk of fill.chunks(count, scale, scale / 10)) yield new Uint8Array(chunk.buffer);
}

const codesName = ({ name }: WeightSpec) => `${name}_Q4`;
const scalesName = ({ name }: WeightSpec) => `${name}_scales`;

function product(dims: readonly number[]): number {
  return dims.reduce((total, dim) => total * dim, 1);
}
