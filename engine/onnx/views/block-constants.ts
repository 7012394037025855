/**
 * The constants of a layer's blocks in fast arithmetic. What the sums of x by block add is a thirtieth of the layer's
 * product, but onnxruntime takes a fifth of its time for it: it reads four more bytes for 32 weights, and multiplies small
 * float32 matrices on one thread. In blocks of 8 bits they are a quarter of that, and both sides of the sum are rounded
 * alike.
 */
import { DataType } from '../proto/data-type';
import { type GraphBuilder, MICROSOFT } from '../proto/graph-builder';
import type { NodeInfo, OnnxModel, TensorInfo } from '../proto/model-types';
import type { OnnxFile } from '../source/onnx-file';
import { type BlockOperand, codesProduct, INT8 } from './block-product';
import { BLOCK_SIZE, quantise8 } from './int8-blocks';

/** Bytes of codes in one view, which is a message of protobuf and held three times while it opens. */
const MOST_BYTES = 2 ** 30;

/**
 * The constants [rows, blocks] of all products that block-product.ts wrote, by the output of the node that multiplies with
 * them.
 */
export function blockConstants({ nodes, initializers }: OnnxModel): Map<string, TensorInfo> {
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const isProduct = (name: string) => {
    const { opType, domain } = producers.get(name) ?? {};
    return opType === 'MatMulNBits' && domain === MICROSOFT;
  };
  const found = new Map<string, TensorInfo>();
  let bytes = 0;
  for (const { opType, inputs } of nodes) {
    if (opType !== 'Add') continue;
    const name = inputs.find((input) => !isProduct(input)) ?? '';
    const constants = inputs.some(isProduct) ? constantsOf(producers, initializers, name) : undefined;
    if (!constants) continue;
    bytes += codesBytes(constants);
    if (bytes > MOST_BYTES) break;
    found.set(name, constants);
  }
  return found;
}

/** FusedMatMul(ReduceSum(Reshape(x)), constantsᵀ) */
function constantsOf(
  producers: ReadonlyMap<string, NodeInfo>,
  initializers: ReadonlyMap<string, TensorInfo>,
  name: string,
): TensorInfo | undefined {
  const added = producers.get(name);
  const sums = producers.get(added?.inputs[0] ?? '');
  const apart = producers.get(sums?.inputs[0] ?? '');
  const constants = initializers.get(added?.inputs[1] ?? '');
  const isSum = sums?.opType === 'ReduceSum' && apart?.opType === 'Reshape';
  const isTransposed = added?.opType === 'FusedMatMul' && added.attributes.get('transB')?.i === 1n;
  const isMatrix = constants?.dims.length === 2 && constants.dataType === DataType.FLOAT;
  return isTransposed && isSum && isMatrix ? constants : undefined;
}

function wholeBlocks(columns: number): number {
  return Math.ceil(columns / BLOCK_SIZE) * BLOCK_SIZE;
}

function codesBytes({ dims: [rows = 0, columns = 0] }: TensorInfo): number {
  return rows * wholeBlocks(columns);
}

/** Writes the node's product with them in 8 bits. @throws EngineError `weights-not-finite` */
export function writeConstantsProduct(
  builder: GraphBuilder,
  file: OnnxFile,
  { inputs: [sums = ''], outputs: [output] }: NodeInfo,
  constants: TensorInfo,
): void {
  const [rows = 0, columns = 0] = constants.dims;
  const width = wholeBlocks(columns);
  const values = file.readFloats(constants);
  const padded = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++)
    padded.set(values.subarray(row * columns, (row + 1) * columns), row * width);
  const { codes, scales } = quantise8(padded);
  const dims = [rows, width / BLOCK_SIZE];
  const name = `slot_${constants.name}`;
  const matrix: BlockOperand = {
    rows,
    columns,
    bits: 8,
    blockSize: BLOCK_SIZE,
    codes: builder.initializer(`${name}_codes`, DataType.UINT8, [...dims, BLOCK_SIZE], codes),
    scales: builder.floats(scales, dims, `${name}_scales`),
  };
  codesProduct(builder, sums, matrix, INT8, output);
}
