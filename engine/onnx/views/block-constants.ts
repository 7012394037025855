/**
 * Products with blocks that have constants, W[n, k] = s·(code - z) + c, in fast arithmetic. What the sums of x by block add
 * is a thirtieth of the product, but in float32 onnxruntime takes a fifth of its time for it: it reads four more bytes for
 * 32 weights, and multiplies small matrices on one thread. So z takes what it can of c, and the rest, less than a step of
 * the codes, is multiplied in 8 bits as the codes are. The sums are means here, times the size of a block, since one
 * node finds means and two find sums.
 */
import { DataType } from '../proto/data-type';
import { type GraphBuilder, MICROSOFT } from '../proto/graph-builder';
import { type NodeInfo, type OnnxModel, outerNames, type TensorInfo } from '../proto/model-types';
import { GraphWalk } from '../recognise/graph-walk';
import { rankOfSummed } from '../recognise/nbits-product';
import type { OnnxFile } from '../source/onnx-file';
import { codesProduct, INT8 } from './block-product';
import { BLOCK_SIZE, quantise8 } from './int8-blocks';

interface ShiftedProduct {
  /** The output of the codes' product, and of the constants'. */
  readonly outputs: { readonly codes: string; readonly constants: string };
  /** [batch, sequence, columns] */
  readonly x: string;
  readonly bits: 4 | 8;
  readonly blockSize: number;
  /** uint8 [rows, blocks, blockSize·bits / 8] */
  readonly codes: string;
  /** Both float32 [rows, blocks]. */
  readonly scales: TensorInfo;
  readonly constants: TensorInfo;
}

/** Bytes of codes in one view, which is a message of protobuf and held three times while it opens. */
const MOST_BYTES = 2 ** 30;

export class BlockConstants {
  /** By each of their outputs. */
  private readonly byOutput: ReadonlyMap<string, ShiftedProduct>;
  private readonly written = new Set<ShiftedProduct>();
  /** The means of its blocks, by x. */
  private readonly means = new Map<string, string>();

  constructor(
    private readonly builder: GraphBuilder,
    private readonly file: OnnxFile,
    model: OnnxModel,
  ) {
    this.byOutput = new Map(
      shiftedProducts(model).flatMap((product) =>
        Object.values(product.outputs).map((output) => [output, product] as const),
      ),
    );
  }

  /** What is read instead of a node's inputs, where they are not read any more. */
  inputsOf({ outputs: [output = ''] }: NodeInfo): string[] | undefined {
    const product = this.byOutput.get(output);
    return product && [product.x, product.codes, product.scales.name];
  }

  /** @returns whether it was one of these products' nodes @throws EngineError `weights-not-finite` */
  write({ outputs: [output = ''] }: NodeInfo): boolean {
    const product = this.byOutput.get(output);
    if (!product) return false;
    if (!this.written.has(product)) this.writeBoth(product);
    this.written.add(product);
    return true;
  }

  private writeBoth(product: ShiftedProduct): void {
    const { builder, file } = this;
    const { outputs, x, bits, blockSize, codes, scales, constants } = product;
    const [rows = 0, blocks = 0] = constants.dims;
    const values = { scales: file.readFloats(scales), constants: file.readFloats(constants) };
    const { zeroPoints, rest } = absorbed(values, { rows, blocks, bits });
    const points = [rows, Math.ceil((blocks * bits) / 8)];
    const shifted = {
      rows,
      columns: blocks * blockSize,
      bits,
      blockSize,
      codes,
      scales: scales.name,
      zeroPoints: builder.initializer(`slot_${constants.name}_zero`, DataType.UINT8, points, zeroPoints),
    };
    codesProduct(builder, x, shifted, INT8, outputs.codes);
    const eight = quantise8(rest.map((value) => blockSize * value));
    const dims = [rows, wholeBlocks(blocks) / BLOCK_SIZE];
    const name = `slot_${constants.name}_rest`;
    const remaining = {
      rows,
      columns: blocks,
      bits: 8,
      blockSize: BLOCK_SIZE,
      codes: builder.initializer(name, DataType.UINT8, [...dims, BLOCK_SIZE], eight.codes),
      scales: builder.floats(eight.scales, dims, `${name}_scales`),
    } as const;
    codesProduct(builder, this.meansOf(product), remaining, INT8, outputs.constants);
  }

  private meansOf({ x, blockSize }: ShiftedProduct): string {
    const key = `${blockSize} ${x}`;
    const size = { ints: [blockSize] };
    const found = this.means.get(key);
    const means = found ?? this.builder.node('AveragePool', [x], { kernel_shape: size, strides: size });
    this.means.set(key, means);
    return means;
  }
}

/**
 * z, and what is left of each constant beyond s·(2^(bits - 1) - z).
 * @returns zero points packed as MatMulNBits reads them, and [rows, blocks to whole blocks of 32]
 */
function absorbed(
  { scales, constants }: { readonly scales: Float32Array; readonly constants: Float32Array },
  { rows, blocks, bits }: { readonly rows: number; readonly blocks: number; readonly bits: 4 | 8 },
): { readonly zeroPoints: Uint8Array; readonly rest: Float32Array } {
  const middle = 2 ** (bits - 1);
  const most = 2 ** bits - 1;
  const perRow = Math.ceil((blocks * bits) / 8);
  const width = wholeBlocks(blocks);
  const zeroPoints = new Uint8Array(rows * perRow);
  const rest = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    for (let b = 0; b < blocks; b++) {
      const scale = scales[row * blocks + b]!;
      const constant = constants[row * blocks + b]!;
      const nearest = scale === 0 ? middle : Math.round(middle - constant / scale);
      const z = Math.max(0, Math.min(most, nearest));
      rest[row * width + b] = constant - scale * (middle - z);
      if (bits === 8) zeroPoints[row * perRow + b] = z;
      else zeroPoints[row * perRow + (b >> 1)]! |= z << (4 * (b & 1));
    }
  }
  return { zeroPoints, rest };
}

/** All that block-product.ts wrote for x of three axes, and whose parts nothing else reads. */
export function shiftedProducts(model: OnnxModel): ShiftedProduct[] {
  // A few steps for each sum, none of which leads to another.
  const walk = new GraphWalk(model, Number.POSITIVE_INFINITY);
  const reads = readCounts(model);
  const found: ShiftedProduct[] = [];
  let bytes = 0;
  for (const { opType, inputs } of model.nodes) {
    if (opType !== 'Add' || inputs.some((name) => reads.get(name) !== 1)) continue;
    const product = shiftedProduct(walk, model, inputs) ?? shiftedProduct(walk, model, inputs.toReversed());
    if (!product) continue;
    const [rows = 0, blocks = 0] = product.constants.dims;
    bytes += rows * wholeBlocks(blocks);
    if (bytes > MOST_BYTES) break;
    found.push(product);
  }
  return found;
}

/** How often each tensor is read, by nodes or as an output. */
function readCounts({ nodes, outputs }: OnnxModel): ReadonlyMap<string, number> {
  const names = nodes.flatMap((node) => [...node.inputs, ...outerNames(node)]);
  const counts = new Map<string, number>();
  for (const name of [...names, ...outputs.map((output) => output.name)])
    counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** Of the sum of MatMulNBits(x) and the product of x's sums by block with constants. */
function shiftedProduct(
  walk: GraphWalk,
  { initializers }: OnnxModel,
  [codesOutput = '', constantsOutput = '']: readonly string[],
): ShiftedProduct | undefined {
  const product = walk.producer(codesOutput);
  const added = walk.producer(constantsOutput);
  if (!isMicrosoft(product, 'MatMulNBits') || !isMicrosoft(added, 'FusedMatMul')) return undefined;
  const [x = '', codes = '', scalesName = '', ...more] = product.inputs;
  const blockSize = Number(product.attributes.get('block_size')?.i ?? 0n);
  const scales = initializers.get(scalesName);
  const constants = initializers.get(added.inputs[1] ?? '');
  const isPlain = more.length === 0 && rankOfSummed(walk, added, x, blockSize) === 3;
  if (!isPlain || !isFloats(scales) || !isFloats(constants)) return undefined;
  const bits = product.attributes.get('bits')?.i === 8n ? 8 : 4;
  const outputs = { codes: codesOutput, constants: constantsOutput };
  return { outputs, x, bits, blockSize, codes, scales, constants };
}

function isMicrosoft(node: NodeInfo | undefined, opType: string): node is NodeInfo {
  return node?.opType === opType && node.domain === MICROSOFT;
}

function isFloats(tensor: TensorInfo | undefined): tensor is TensorInfo {
  return tensor?.dataType === DataType.FLOAT && tensor.dims.length === 2;
}

function wholeBlocks(columns: number): number {
  return Math.ceil(columns / BLOCK_SIZE) * BLOCK_SIZE;
}
