/** A generated decoder computed a second time: plain float64 loops over the same weights, no ONNX, no batching. */
import type { DecoderOptions, TailStep } from './options';
import {
  EMBEDDING,
  FINAL_NORM,
  HEAD_BIAS,
  headWeightName,
  layerWeight,
  POSITIONS,
  readWeights,
} from './weights';

type Vector = Float64Array<ArrayBufferLike>;

export class ReferenceDecoder {
  private readonly weights: ReadonlyMap<string, Float32Array>;
  /** The steps from W·h to the logits, a Gemm's own bias first. */
  readonly tail: readonly TailStep[];

  constructor(readonly options: DecoderOptions) {
    this.weights = readWeights(options);
    this.tail = [...(options.gemmBias ? [{ op: 'Add' as const }] : []), ...options.tail];
  }

  weight(name: string): Float32Array {
    const values = this.weights.get(name);
    if (!values) throw new Error(`no weight ${name}`);
    return values;
  }

  /** Last hidden states, after the final norm, of every position. */
  hidden(ids: readonly number[]): Vector[] {
    const sequence = this.start();
    return ids.map((id) => sequence.push(id));
  }

  /** A sequence to which tokens are added one by one. */
  start(): ReferenceSequence {
    return new ReferenceSequence(this);
  }

  /** W·h [V], before the tail. */
  project(h: Vector): Vector {
    const { vocab, d } = this.options;
    const w = this.weight(headWeightName(this.options));
    const byColumn = this.options.head === 'MatMul';
    return Float64Array.from({ length: vocab }, (_, v) => {
      let sum = 0;
      for (let i = 0; i < d; i++) sum += h[i]! * w[byColumn ? i * vocab + v : v * d + i]!;
      return sum;
    });
  }

  /** Wᵀ·r [d]. */
  projectBack(r: Vector): Vector {
    const { vocab, d } = this.options;
    const w = this.weight(headWeightName(this.options));
    const byColumn = this.options.head === 'MatMul';
    return Float64Array.from({ length: d }, (_, i) => {
      let sum = 0;
      for (let v = 0; v < vocab; v++) sum += r[v]! * w[byColumn ? i * vocab + v : v * d + i]!;
      return sum;
    });
  }

  /** The logits at one position and, for each, their derivative by W·h. */
  tailOf(z: Vector): { logits: Vector; slope: Vector } {
    const logits = Float64Array.from(z);
    const slope = new Float64Array(z.length).fill(1);
    const each = (change: (value: number, v: number) => [value: number, factor: number]) => {
      for (let v = 0; v < z.length; v++) {
        const [value, factor] = change(logits[v]!, v);
        logits[v] = value;
        slope[v]! *= factor;
      }
    };
    for (const step of this.tail) {
      if (step.op === 'Add') {
        const bias = this.weight(HEAD_BIAS);
        each((value, v) => [value + bias[v]!, 1]);
      } else if (step.op === 'Mul') each((value) => [value * step.by, step.by]);
      else if (step.op === 'Div') each((value) => [value / step.by, 1 / step.by]);
      else if (step.op === 'cap') {
        each((value) => {
          const t = Math.tanh(value / step.at);
          return [step.at * t, 1 - t * t];
        });
      }
    }
    return { logits, slope };
  }

  logits(h: Vector): Vector {
    return this.tailOf(this.project(h)).logits;
  }

  /** Greedy answer with delta added to the last hidden states; no end token stops it. */
  greedy(prompt: readonly number[], count: number, delta?: Vector): number[] {
    const sequence = this.start();
    let h: Vector = new Float64Array();
    for (const id of prompt) h = sequence.push(id);
    const answer: number[] = [];
    for (;;) {
      const logits = this.logits(delta ? h.map((value, i) => value + delta[i]!) : h);
      answer.push(argmax(logits));
      if (answer.length === count) return answer;
      h = sequence.push(answer.at(-1)!);
    }
  }
}

/** One sequence, its keys and values kept per layer. */
class ReferenceSequence {
  private readonly keys: Vector[][];
  private readonly values: Vector[][];
  private position = 0;

  constructor(private readonly model: ReferenceDecoder) {
    this.keys = Array.from({ length: model.options.layers }, () => []);
    this.values = Array.from({ length: model.options.layers }, () => []);
  }

  /** The last hidden state at the new token. */
  push(id: number): Vector {
    const { d, layers } = this.model.options;
    const row = (table: string, at: number) => this.model.weight(table).subarray(at * d, (at + 1) * d);
    let x: Vector = Float64Array.from(row(EMBEDDING, id));
    if (this.model.options.learnedPositions) x = plus(x, row(POSITIONS, this.position));
    for (let layer = 0; layer < layers; layer++) {
      const weight = (part: string) => this.model.weight(layerWeight(layer, part));
      x = plus(x, this.attention(layer, this.norm(x, weight('input_layernorm.weight'))));
      const h = this.norm(x, weight('post_attention_layernorm.weight'));
      const gate = multiply(h, weight('mlp.gate_proj.weight'));
      const up = multiply(h, weight('mlp.up_proj.weight'));
      const inner = gate.map((g, i) => (g / (1 + Math.exp(-g))) * up[i]!);
      x = plus(x, multiply(inner, weight('mlp.down_proj.weight')));
    }
    this.position += 1;
    return this.norm(x, this.model.weight(FINAL_NORM));
  }

  private attention(layer: number, h: Vector): Vector {
    const { heads, kvHeads, headDim, qkvBias } = this.model.options;
    const project = (part: string) => {
      const y = multiply(h, this.model.weight(layerWeight(layer, `attn.${part}.weight`)));
      return qkvBias ? plus(y, this.model.weight(layerWeight(layer, `attn.${part}.bias`))) : y;
    };
    const q = this.turned(project('q_proj'));
    const keys = this.keys[layer]!;
    const values = this.values[layer]!;
    keys.push(this.turned(project('k_proj')));
    values.push(project('v_proj'));

    const mixed = new Float64Array(heads * headDim);
    for (let head = 0; head < heads; head++) {
      const from = Math.floor(head / (heads / kvHeads)) * headDim;
      const scores = keys.map((key) => {
        let sum = 0;
        for (let i = 0; i < headDim; i++) sum += q[head * headDim + i]! * key[from + i]!;
        return sum / Math.sqrt(headDim);
      });
      const p = softmax(scores);
      for (let i = 0; i < headDim; i++) {
        mixed[head * headDim + i] = values.reduce((sum, value, t) => sum + p[t]! * value[from + i]!, 0);
      }
    }
    return multiply(mixed, this.model.weight(layerWeight(layer, 'attn.o_proj.weight')));
  }

  /** Rotary position embedding, halves paired as in Llama. */
  private turned(x: Vector): Vector {
    const { headDim, ropeTheta } = this.model.options;
    const half = headDim / 2;
    return x.map((value, i) => {
      const within = i % headDim;
      const angle = this.position * ropeTheta ** ((-2 * (within % half)) / headDim);
      const partner = within < half ? -x[i + half]! : x[i - half]!;
      return value * Math.cos(angle) + partner * Math.sin(angle);
    });
  }

  private norm(x: Vector, weight: Float32Array): Vector {
    const mean = x.reduce((sum, value) => sum + value * value, 0) / x.length;
    const root = Math.sqrt(mean + this.model.options.normEps);
    return x.map((value, i) => (value / root) * weight[i]!);
  }
}

export function softmax(scores: ArrayLike<number>): Vector {
  const values = Float64Array.from(scores);
  const max = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const exps = values.map((value) => Math.exp(value - max));
  const total = exps.reduce((sum, value) => sum + value, 0);
  return exps.map((value) => value / total);
}

/** x [rows] · w [rows, columns]. */
function multiply(x: Vector, w: Float32Array): Vector {
  const columns = w.length / x.length;
  const y = new Float64Array(columns);
  for (let row = 0; row < x.length; row++) {
    for (let column = 0; column < columns; column++) y[column]! += x[row]! * w[row * columns + column]!;
  }
  return y;
}

function plus(a: Vector, b: ArrayLike<number>): Vector {
  return a.map((value, i) => value + b[i]!);
}

function argmax(values: Vector): number {
  return values.reduce((best, value, i) => (value > values[best]! ? i : best), 0);
}
