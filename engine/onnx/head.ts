/**
 * Finds a decoder's head by walking back from `logits`, by structure and never by names:
 * h → [Slice | Gather of positions] → projection → [Add bias] → [Mul | Div] → [Tanh] → [Cast] → logits.
 */
import { badInput } from '../protocol';
import { DataType } from './data-type';
import type { NodeInfo, OnnxModel, TensorInfo } from './structure';

/** A dense projection's weight W, read as logits = hidden · W. */
export interface DenseProjection {
  readonly kind: 'dense';
  /** How the export writes it. */
  readonly operator: 'MatMul' | 'MatMul(Transpose)' | 'Gemm';
  readonly weight: TensorInfo;
  /** `dV`: the tensor is [d, V]; `Vd`: [V, d], as a tied embedding is. */
  readonly layout: 'dV' | 'Vd';
}
/** Quantised projections join this union. */
export type Projection = DenseProjection;

/** An elementwise step from the projection's output to the logits. */
export type TailOp =
  | { readonly op: 'Add'; readonly constant: TensorInfo }
  | { readonly op: 'Mul' | 'Div'; readonly constant: TensorInfo }
  | { readonly op: 'Tanh' }
  | { readonly op: 'Cast' };

export interface Head {
  /** The tensor to cut at: the last hidden states of all positions. */
  readonly hidden: string;
  readonly projection: Projection;
  /** In order from the projection to the logits. */
  readonly tail: readonly TailOp[];
  readonly vocab: number;
  readonly hiddenSize: number;
}

const PASS_THROUGH = new Set(['Identity', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten']);
const POSITION_PRUNING = new Set(['Slice', 'Gather', 'GatherND', 'GatherElements']);

const UNSUPPORTED_PRODUCTS = new Set([
  'MatMulInteger',
  'MatMulIntegerToFloat',
  'DynamicQuantizeMatMul',
  'MatMulNBits',
  'MatMulBnb4',
  'QLinearMatMul',
]);

/** @throws EngineError `unsupported-head` naming the node that stands in the way. */
export function findHead(model: OnnxModel): Head {
  return new HeadWalk(model).find();
}

/** Real heads take some tens. */
const MOST_STEPS = 2000;

class HeadWalk {
  private readonly producer = new Map<string, NodeInfo>();
  private steps = 0;

  constructor(private readonly model: OnnxModel) {
    for (const node of model.nodes) for (const output of node.outputs) this.producer.set(output, node);
  }

  find(): Head {
    if (!this.model.outputs.some((output) => output.name === 'logits')) {
      throw badInput(
        'no-logits',
        'the model has no output named "logits"',
        'SLOT needs a decoder-only language model exported for text generation.',
      );
    }
    const tail: TailOp[] = [];
    let at = 'logits';
    for (;;) {
      const node = this.writer(at);
      if (!node) throw badInput('unsupported-head', `"${at}" leads to no projection`, WAY_OUT);
      const step = this.tailStep(node);
      if (!step) return this.projection(node, tail);
      if (step.op) tail.unshift(step.op);
      at = step.input;
    }
  }

  /** The node that writes a tensor. Counted, so that a walk ends soon whatever the graph. */
  private writer(name: string): NodeInfo | undefined {
    this.steps += 1;
    if (this.steps > MOST_STEPS) {
      throw badInput('unsupported-head', `between "logits" and a projection lie too many nodes`, WAY_OUT);
    }
    return this.producer.get(name);
  }

  /** One elementwise or shape-only node of the tail; undefined when the projection is reached. */
  private tailStep(node: NodeInfo): { input: string; op?: TailOp } | undefined {
    const [first = '', second = ''] = node.inputs;
    if (PASS_THROUGH.has(node.opType) || POSITION_PRUNING.has(node.opType)) return { input: first };
    if (node.opType === 'Cast') return { input: first, op: { op: 'Cast' } };
    if (node.opType === 'Tanh') return { input: first, op: { op: 'Tanh' } };
    if (node.opType === 'Add' || node.opType === 'Mul') {
      const constant = this.constant(second);
      if (constant) return { input: first, op: { op: node.opType, constant } };
      const other = this.constant(first);
      if (other) return { input: second, op: { op: node.opType, constant: other } };
    }
    if (node.opType === 'Div') {
      const constant = this.constant(second);
      if (constant) return { input: first, op: { op: 'Div', constant } };
    }
    return undefined;
  }

  private projection(node: NodeInfo, tail: TailOp[]): Head {
    if (node.domain !== '' || (node.opType !== 'MatMul' && node.opType !== 'Gemm'))
      refuse(this.product(node));
    const weight = this.weight(node.inputs[1] ?? '');
    if (weight?.tensor.dims.length !== 2) refuse(node, 'its weight is not a constant matrix');
    let layout: 'dV' | 'Vd' = weight.transposed ? 'Vd' : 'dV';
    if (node.opType === 'Gemm') {
      this.checkGemm(node);
      if (node.attributes.get('transB')?.i === 1n) layout = layout === 'dV' ? 'Vd' : 'dV';
      const bias = node.inputs[2];
      if (bias) {
        const constant = this.constant(bias);
        if (!constant) refuse(node, 'its bias is not a constant');
        tail.unshift({ op: 'Add', constant });
      }
    }
    const [rows, columns] = weight.tensor.dims as [number, number];
    const [hiddenSize, vocab] = layout === 'dV' ? [rows, columns] : [columns, rows];
    if (hiddenSize === 0 || vocab === 0) refuse(node, 'its weight is empty');
    const operator = node.opType === 'Gemm' ? 'Gemm' : weight.transposed ? 'MatMul(Transpose)' : 'MatMul';
    const projection: Projection = { kind: 'dense', operator, weight: weight.tensor, layout };
    return { hidden: this.hidden(node.inputs[0]!), projection, tail, vocab, hiddenSize };
  }

  /** The unsupported matrix product that an unknown node belongs to, since its name says most; else the node. */
  private product(node: NodeInfo, steps = 4): NodeInfo {
    if (UNSUPPORTED_PRODUCTS.has(node.opType) || steps === 0) return node;
    const before = node.inputs.map((input) => this.writer(input)).filter((found) => found !== undefined);
    const products = before.map((found) => this.product(found, steps - 1));
    return products.find(({ opType }) => UNSUPPORTED_PRODUCTS.has(opType)) ?? node;
  }

  private checkGemm(node: NodeInfo): void {
    const number = (name: string) => node.attributes.get(name)?.f ?? 1;
    if (number('alpha') !== 1 || number('beta') !== 1) refuse(node, 'its alpha or beta is not 1');
    if (node.attributes.get('transA')?.i === 1n) refuse(node, 'it transposes the hidden states');
  }

  /** Back over what only reshapes, casts or drops positions, so that the cut has every position. */
  private hidden(name: string): string {
    const node = this.writer(name);
    const input = node?.inputs[0] ?? '';
    const passes =
      node && (PASS_THROUGH.has(node.opType) || POSITION_PRUNING.has(node.opType) || node.opType === 'Cast');
    return passes && !this.constant(input) ? this.hidden(input) : name;
  }

  /** Follows Transpose, Identity and Cast back to a stored tensor. */
  private weight(name: string): { tensor: TensorInfo; transposed: boolean } | undefined {
    const tensor = this.constant(name);
    if (tensor) return { tensor, transposed: false };
    const node = this.writer(name);
    if (!node || !['Transpose', 'Identity', 'Cast'].includes(node.opType)) return undefined;
    const inner = this.weight(node.inputs[0] ?? '');
    if (!inner || node.opType !== 'Transpose') return inner;
    const perm = node.attributes.get('perm')?.ints ?? [];
    const swaps = perm.length === 0 || (perm.length === 2 && perm[0] === 1n);
    return { tensor: inner.tensor, transposed: swaps !== inner.transposed };
  }

  private constant(name: string): TensorInfo | undefined {
    const initializer = this.model.initializers.get(name);
    if (initializer) return initializer;
    const node = this.writer(name);
    if (node?.opType === 'Identity' || node?.opType === 'Cast') return this.constant(node.inputs[0] ?? '');
    const value = node?.opType === 'Constant' ? node.attributes.get('value')?.t : undefined;
    return value && { ...value, name };
  }
}

const WAY_OUT =
  'Use a float32 or float16 export whose head is MatMul or Gemm (for example dtype fp32 or fp16).';

function refuse(node: NodeInfo, why = 'this projection is not supported'): never {
  const operator = node.domain ? `${node.domain}.${node.opType}` : node.opType;
  throw badInput(
    'unsupported-head',
    `head node "${node.name || node.outputs[0]}" (${operator}): ${why}`,
    WAY_OUT,
  );
}

/** Whether a dense weight can be used as it is stored. */
export function isFloat(dataType: number): boolean {
  return dataType === DataType.FLOAT || dataType === DataType.FLOAT16;
}
