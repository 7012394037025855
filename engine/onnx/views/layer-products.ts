/** How a backbone multiplies layers in few bits (MatMulNBits): as the file has it, exactly and soon, or fast. */
import type { Arithmetic, Device } from '../../protocol';
import { DataType } from '../proto/data-type';
import { withInt } from '../proto/edit-node';
import { type GraphBuilder, MICROSOFT } from '../proto/graph-builder';
import { type NodeInfo, type OnnxModel, outerNames } from '../proto/model-types';
import type { OnnxFile } from '../source/onnx-file';
import { BlockConstants } from './block-constants';
import { Activations, type BlockOperand, INT8, termsProduct } from './block-product';

const ACCURACY_LEVEL = 'accuracy_level';

export class LayerProducts {
  private readonly constants: BlockConstants | undefined;
  /** By input: [rows, columns], and the axes before the last. */
  private readonly flat = new Map<string, { readonly x: Activations; readonly leading: string }>();

  constructor(
    private readonly builder: GraphBuilder,
    private readonly file: OnnxFile,
    private readonly model: OnnxModel,
    private readonly arithmetic: Arithmetic,
    device: Device,
  ) {
    // Other devices' kernels have been tried with whole blocks alone.
    const isRounded = arithmetic === 'fast' && device === 'cpu';
    this.constants = isRounded ? new BlockConstants(builder, file, model) : undefined;
  }

  /** What a node reads as it is going to be written. */
  inputsOf(node: NodeInfo): string[] {
    return this.constants?.inputsOf(node) ?? [...node.inputs, ...outerNames(node)];
  }

  /** Writes a node of the model: as it is, with its activations in 8 bits, or as other nodes with the same output. */
  write(node: NodeInfo): void {
    if (this.constants?.write(node)) return;
    const bytes = this.file.bytes(node.range);
    if (!isNBits(node) || isFast(node)) this.builder.copiedNode(bytes);
    else if (this.arithmetic === 'fast') this.builder.copiedNode(withInt(bytes, ACCURACY_LEVEL, INT8));
    else {
      const matrix = this.slowOperand(node);
      if (matrix) this.exactProduct(node, matrix);
      else this.builder.copiedNode(bytes);
    }
  }

  /**
   * A matrix of 8-bit codes, of which onnxruntime has no fast product in float32; undefined where it has one, or the
   * node does more than multiply.
   */
  private slowOperand({ attributes, inputs }: NodeInfo): BlockOperand | undefined {
    const number = (name: string) => Number(attributes.get(name)?.i ?? 0n);
    const [, codes = '', scales = '', zeroPoints = '', ...more] = inputs;
    const [columns, rows, blockSize] = [number('K'), number('N'), number('block_size')];
    const type = (name: string) => this.model.initializers.get(name)?.dataType;
    const isPlain =
      number('bits') === 8 && more.every((name) => name === '') && type(scales) === DataType.FLOAT;
    if (!isPlain || (zeroPoints && type(zeroPoints) !== DataType.UINT8)) return undefined;
    if (this.builder.opset < OPSET || columns % blockSize !== 0) return undefined;
    return { rows, columns, bits: 8, blockSize, codes, scales, zeroPoints: zeroPoints || undefined };
  }

  private exactProduct(node: NodeInfo, matrix: BlockOperand): void {
    const { builder } = this;
    const { x, leading } = this.flattened(node.inputs[0]!, matrix.columns);
    const product = termsProduct(x, matrix);
    const shape = builder.node('Concat', [leading, builder.ints([matrix.rows])], { axis: { int: 0 } });
    builder.node('Reshape', [product, shape], {}, node.outputs[0]);
  }

  private flattened(name: string, columns: number) {
    const known = this.flat.get(name);
    if (known) return known;
    const { builder } = this;
    const rows = builder.node('Reshape', [name, builder.ints([-1, columns])]);
    const ends = [builder.ints([0]), builder.ints([-1])];
    const leading = builder.node('Slice', [builder.node('Shape', [name]), ...ends]);
    const made = { x: new Activations(builder, rows, columns, 2), leading };
    this.flat.set(name, made);
    return made;
  }
}

/** The first with axes as an input of ReduceSum and Unsqueeze. */
const OPSET = 13;

const NO_CODES =
  'its layers are not in codes of few bits, as those of 4-bit exports, GGUF files and prepared weights are';

/** Why none of these nodes can multiply with activations rounded to 8 bits in blocks; null where some can. */
export function whyNoneFast(nodes: readonly NodeInfo[]): string | null {
  const products = nodes.filter(isNBits);
  if (products.length === 0) return NO_CODES;
  return products.every(isFast)
    ? 'this export multiplies in 8 bits whichever is chosen (accuracy_level 4)'
    : null;
}

/**
 * Whether two rows are sooner one after the other: onnxruntime widens 4-bit codes before it multiplies several rows in
 * float32, which takes as long as a row and a half. In small products all else of the graph, run twice, costs more.
 */
export function widensForRows(
  nodes: readonly NodeInfo[],
  { initializers }: OnnxModel,
  arithmetic: Arithmetic,
): boolean {
  const number = ({ attributes }: NodeInfo, name: string) => Number(attributes.get(name)?.i ?? 0n);
  const isFloat = ({ inputs: [, , scales = ''] }: NodeInfo) =>
    initializers.get(scales)?.dataType === DataType.FLOAT;
  const wide = nodes.filter(
    (node) => isNBits(node) && !isFast(node) && number(node, 'bits') === 4 && isFloat(node),
  );
  const codes = wide.reduce((sum, node) => sum + number(node, 'K') * number(node, 'N'), 0);
  return arithmetic === 'exact' && codes > LARGE_PRODUCT * wide.length;
}

/** In codes, of a product: SmolLM2-135M's layers, with a third of it, lose by a second row of their own. */
const LARGE_PRODUCT = 1.5e6;

function isFast({ attributes }: NodeInfo): boolean {
  return attributes.get(ACCURACY_LEVEL)?.i === BigInt(INT8);
}

function isNBits({ opType, domain }: NodeInfo): boolean {
  return opType === 'MatMulNBits' && domain === MICROSOFT;
}
