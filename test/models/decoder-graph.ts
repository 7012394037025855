/** A Llama or Qwen2 style decoder in ONNX primitives, node by node, as an exporter would write it. */
import { DataType } from '../../engine/onnx/data-type';
import type { AttributeValue, GraphBuilder } from '../../engine/onnx/graph-builder';
import type { DecoderOptions } from './options';
import type { TensorWriter } from './tensor-writer';
import { EMBEDDING, FINAL_NORM, HEAD_BIAS, headWeightName, layerWeight, POSITIONS } from './weights';

const LAST = 2 ** 31 - 1;
/** Representable in both float types. */
const MASKED = -60_000;

export class DecoderGraph {
  private readonly floatType: number;

  constructor(
    private readonly builder: GraphBuilder,
    private readonly tensors: TensorWriter,
    private readonly options: DecoderOptions,
  ) {
    this.floatType = tensors.floatType;
  }

  write(): void {
    const { layers, positionIds } = this.options;
    this.builder.input('input_ids', DataType.INT64, ['batch_size', 'sequence_length']);
    this.builder.input('attention_mask', DataType.INT64, ['batch_size', 'total_sequence_length']);
    if (positionIds) this.builder.input('position_ids', DataType.INT64, ['batch_size', 'sequence_length']);
    this.cache('past_key_values', (name, dims) => this.builder.input(name, this.floatType, dims));

    const { mask, positions } = this.maskAndPositions();
    const at = positionIds ? 'position_ids' : positions;
    const turn = this.rotary(at);
    let x = this.op('Gather', [EMBEDDING, 'input_ids']);
    if (this.options.learnedPositions) x = this.op('Add', [x, this.op('Gather', [POSITIONS, at])]);
    for (let layer = 0; layer < layers; layer++) x = this.layer(layer, x, mask, turn);
    if (this.options.prune === 'early') x = this.lastOnly(x, this.tensors.ints([-1]));
    this.head(this.rmsNorm(x, FINAL_NORM));
    this.cache('present', (name, dims) => this.builder.output(name, this.floatType, dims));
  }

  private layer(layer: number, x: string, mask: string, turn: Rotation): string {
    const weight = (part: string) => layerWeight(layer, part);
    const normed = this.rmsNorm(x, weight('input_layernorm.weight'));
    const attended = this.attention(layer, normed, mask, turn);
    const middle = this.op('Add', [x, attended]);
    const h = this.rmsNorm(middle, weight('post_attention_layernorm.weight'));
    const gate = this.op('MatMul', [h, weight('mlp.gate_proj.weight')]);
    const up = this.op('MatMul', [h, weight('mlp.up_proj.weight')]);
    const silu = this.op('Mul', [gate, this.op('Sigmoid', [gate])]);
    const down = this.op('MatMul', [this.op('Mul', [silu, up]), weight('mlp.down_proj.weight')]);
    return this.op('Add', [middle, down]);
  }

  private attention(layer: number, h: string, mask: string, turn: Rotation): string {
    const { heads, kvHeads, headDim, qkvBias } = this.options;
    const project = (part: string, count: number) => {
      const weight = layerWeight(layer, `attn.${part}.weight`);
      let y = this.op('MatMul', [h, weight]);
      if (qkvBias) y = this.op('Add', [y, layerWeight(layer, `attn.${part}.bias`)]);
      const split = this.op('Reshape', [y, this.tensors.ints([0, 0, count, headDim])]);
      return this.op('Transpose', [split], { perm: { ints: [0, 2, 1, 3] } });
    };
    const q = this.rotated(project('q_proj', heads), turn);
    const k = this.extend(layer, 'key', this.rotated(project('k_proj', kvHeads), turn));
    const v = this.extend(layer, 'value', project('v_proj', kvHeads));

    const keys = this.op('Transpose', [this.repeated(k)], { perm: { ints: [0, 1, 3, 2] } });
    const scale = this.tensors.float(headDim ** -0.5);
    const scores = this.op('Mul', [this.op('MatMul', [q, keys]), scale]);
    const p = this.op('Softmax', [this.op('Add', [scores, mask])], { axis: { int: -1 } });
    const mixed = this.op('Transpose', [this.op('MatMul', [p, this.repeated(v)])], {
      perm: { ints: [0, 2, 1, 3] },
    });
    const joined = this.op('Reshape', [mixed, this.tensors.ints([0, 0, heads * headDim])]);
    return this.op('MatMul', [joined, layerWeight(layer, 'attn.o_proj.weight')]);
  }

  /** New keys or values behind the cached ones. */
  private extend(layer: number, part: 'key' | 'value', fresh: string): string {
    if (!this.options.cache) return fresh;
    const past = `past_key_values.${layer}.${part}`;
    return this.op('Concat', [past, fresh], { axis: { int: 2 } }, `present.${layer}.${part}`);
  }

  /** Each key-value head once for every query head of its group. */
  private repeated(kv: string): string {
    const { heads, kvHeads, headDim } = this.options;
    if (heads === kvHeads) return kv;
    const apart = this.op('Unsqueeze', [kv, this.tensors.ints([2])]);
    const copies = this.op('Expand', [apart, this.tensors.ints([1, 1, heads / kvHeads, 1, 1])]);
    return this.op('Reshape', [copies, this.tensors.ints([0, heads, -1, headDim])]);
  }

  /** Root mean square over the last axis, in float32 as exports do it. */
  private rmsNorm(x: string, weight: string): string {
    const wide = this.cast(x, this.floatType, DataType.FLOAT);
    const mean = this.op('ReduceMean', [this.op('Mul', [wide, wide])], {
      axes: { ints: [-1] },
      keepdims: { int: 1 },
    });
    const eps = this.tensors.float(this.options.normEps, DataType.FLOAT);
    const root = this.op('Sqrt', [this.op('Add', [mean, eps])]);
    const normed = this.cast(this.op('Div', [wide, root]), DataType.FLOAT, this.floatType);
    return this.op('Mul', [normed, weight]);
  }

  /** 0 where a query may look and a large negative number elsewhere: [batch, 1, new, total]. */
  private maskAndPositions(): { mask: string; positions: string } {
    const [zero, one] = [this.tensors.ints([0], []), this.tensors.ints([1], [])];
    const length = (of: string) => this.op('Gather', [this.op('Shape', [of]), one]);
    const total = length('attention_mask');
    const past = this.op('Sub', [total, length('input_ids')]);
    const positions = this.op('Range', [past, total, one]);
    const rows = this.op('Unsqueeze', [positions, this.tensors.ints([1])]);
    const columns = this.op('Range', [zero, total, one]);
    const real = this.op('Cast', ['attention_mask'], { to: { int: DataType.BOOL } });
    const seen = this.op('And', [
      this.op('LessOrEqual', [columns, rows]),
      this.op('Unsqueeze', [real, this.tensors.ints([1, 2])]),
    ]);
    const mask = this.op('Where', [seen, this.tensors.float(0), this.tensors.float(MASKED)]);
    return { mask, positions: this.op('Unsqueeze', [positions, this.tensors.ints([0])]) };
  }

  private rotary(positions: string): Rotation {
    const { headDim, ropeTheta } = this.options;
    const half = Array.from({ length: headDim / 2 }, (_, i) => ropeTheta ** ((-2 * i) / headDim));
    const frequencies = this.tensors.floats(half, [1, 1, headDim / 2], DataType.FLOAT);
    const at = this.op('Cast', [positions], { to: { int: DataType.FLOAT } });
    const column = this.op('Unsqueeze', [at, this.tensors.ints([2])]);
    const angles = this.op('Mul', [column, frequencies]);
    const both = this.op('Unsqueeze', [
      this.op('Concat', [angles, angles], { axis: { int: 2 } }),
      this.tensors.ints([1]),
    ]);
    const of = (name: 'Cos' | 'Sin') => this.cast(this.op(name, [both]), DataType.FLOAT, this.floatType);
    return { cos: of('Cos'), sin: of('Sin') };
  }

  private rotated(x: string, { cos, sin }: Rotation): string {
    const half = this.options.headDim / 2;
    const part = (from: number, to: number) =>
      this.op('Slice', [x, ...[from, to, 3].map((value) => this.tensors.ints([value]))]);
    const turned = this.op('Concat', [this.op('Neg', [part(half, LAST)]), part(0, half)], {
      axis: { int: 3 },
    });
    return this.op('Add', [this.op('Mul', [x, cos]), this.op('Mul', [turned, sin])]);
  }

  private head(hidden: string): void {
    const { vocab } = this.options;
    const { kept, flat } = this.pruned(hidden);
    let logits = this.projection(kept, flat);
    let type = this.floatType;
    for (const step of this.options.tail) {
      if (step.op === 'Add') logits = this.op('Add', [logits, this.cast(HEAD_BIAS, this.floatType, type)]);
      else if (step.op === 'Mul' || step.op === 'Div') {
        logits = this.op(step.op, [logits, this.tensors.float(step.by, type)]);
      } else if (step.op === 'cap') {
        const cap = this.tensors.float(step.at, type);
        logits = this.op('Mul', [this.op('Tanh', [this.op('Div', [logits, cap])]), cap]);
      } else if (step.op === 'Cast') {
        logits = this.op('Cast', [logits], { to: { int: DataType.FLOAT } });
        type = DataType.FLOAT;
      } else if (step.op === 'Reshape') {
        logits = this.op('Reshape', [logits, this.tensors.ints([0, -1, vocab])]);
      } else logits = this.op('Identity', [logits]);
    }
    this.builder.node('Identity', [logits], {}, 'logits');
    this.builder.output('logits', type, ['batch_size', 'sequence_length', vocab]);
  }

  /** The positions that the projection sees; `flat` when their axis is gone. */
  private pruned(hidden: string): { kept: string; flat: boolean } {
    const { prune } = this.options;
    if (prune === 'Gather') {
      const last = this.tensors.ints([-1], []);
      return { kept: this.op('Gather', [hidden, last], { axis: { int: 1 } }), flat: true };
    }
    if (prune === 'none' || prune === 'early') return { kept: hidden, flat: false };
    let start = this.tensors.ints([-1]);
    if (prune === 'num_logits_to_keep') {
      const count = this.builder.input('num_logits_to_keep', DataType.INT64, []);
      // 0 keeps all.
      start = this.op('Unsqueeze', [this.op('Neg', [count]), this.tensors.ints([0])]);
    }
    return { kept: this.lastOnly(hidden, start), flat: false };
  }

  /** The positions from `start` on. */
  private lastOnly(x: string, start: string): string {
    return this.op('Slice', [x, start, this.tensors.ints([LAST]), this.tensors.ints([1])]);
  }

  /** [batch, sequence, V], from [batch, sequence, d] or (flat) [batch, d]. */
  private projection(hidden: string, flat: boolean): string {
    const { head, d, vocab, perm, gemmBias } = this.options;
    const name = headWeightName(this.options);
    const apart = (rows: string) => (flat ? this.op('Unsqueeze', [rows, this.tensors.ints([1])]) : rows);
    if (head === 'MatMul') return apart(this.op('MatMul', [hidden, name]));
    if (head === 'MatMul(Transpose)') {
      const transposed = this.op('Transpose', [name], perm ? { perm: { ints: [1, 0] } } : {});
      return apart(this.op('MatMul', [hidden, transposed]));
    }
    const inputs = gemmBias ? [name, HEAD_BIAS] : [name];
    const gemm = (rows: string) => this.op('Gemm', [rows, ...inputs], { transB: { int: 1 } });
    if (flat) return apart(gemm(hidden));
    const shape = this.op('Slice', [
      this.op('Shape', [hidden]),
      ...[0, 2, 0].map((value) => this.tensors.ints([value])),
    ]);
    const back = this.op('Concat', [shape, this.tensors.ints([vocab])], { axis: { int: 0 } });
    return this.op('Reshape', [gemm(this.op('Reshape', [hidden, this.tensors.ints([-1, d])])), back]);
  }

  private cache(prefix: string, declare: (name: string, dims: (number | string)[]) => void): void {
    const { layers, kvHeads, headDim, cache } = this.options;
    if (!cache) return;
    const length = prefix === 'present' ? 'total_sequence_length' : 'past_sequence_length';
    for (let layer = 0; layer < layers; layer++) {
      for (const part of ['key', 'value']) {
        declare(`${prefix}.${layer}.${part}`, ['batch_size', kvHeads, length, headDim]);
      }
    }
  }

  private cast(x: string, from: number, to: number): string {
    return from === to ? x : this.op('Cast', [x], { to: { int: to } });
  }

  private op(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    output?: string,
  ): string {
    return this.builder.node(opType, inputs, attributes, output);
  }
}

interface Rotation {
  readonly cos: string;
  readonly sin: string;
}
