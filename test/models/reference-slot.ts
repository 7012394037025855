/** SLOT the long way: the full [n, V] softmax gradient at every step and AdamW, straight from the formulas. */
import { type ReferenceDecoder, softmax } from './reference';

export interface ReferenceTrace {
  readonly losses: readonly number[];
  readonly gradNorms: readonly number[];
  readonly deltaNorms: readonly number[];
  /** [steps][d] */
  readonly deltas: readonly Float64Array[];
  readonly finalLoss: number;
  readonly positionLoss: { readonly before: readonly number[]; readonly after: readonly number[] };
  /** [V] mean over the positions that predict a prompt token, without delta and with the last one. */
  readonly meanP: { readonly before: Float64Array; readonly after: Float64Array };
}

/** Hyperparameters as the reference implementation's two runners pass them. */
const RUNNERS = {
  transformers: { beta1: 0.9, beta2: 0.999, eps: 1e-5, decay: 1e-8 },
  vllm: { beta1: 0.9, beta2: 0.95, eps: 1e-6, decay: 1e-5 },
} as const;

/** What of a decoder the method needs. */
export interface ReferenceHead
  extends Pick<ReferenceDecoder, 'hidden' | 'project' | 'projectBack' | 'tailOf'> {
  readonly options: Pick<ReferenceDecoder['options'], 'd' | 'vocab'>;
}

export function referenceSlot(
  model: ReferenceHead,
  prompt: readonly number[],
  { preset, steps, lr }: { preset: keyof typeof RUNNERS; steps: number; lr: number },
): ReferenceTrace {
  const { beta1, beta2, eps, decay } = RUNNERS[preset];
  const hidden = model.hidden(prompt).slice(0, -1);
  const targets = prompt.slice(1);
  const n = targets.length;
  const delta = new Float64Array(model.options.d);
  const first = new Float64Array(delta.length);
  const second = new Float64Array(delta.length);
  const losses: number[] = [];
  const gradNorms: number[] = [];
  const deltaNorms: number[] = [];
  const deltas: Float64Array[] = [];
  const before = crossEntropy(model, hidden, targets, delta);
  let now = before;

  for (let t = 1; t <= steps; t++) {
    losses.push(now.loss);
    const gradient = preset === 'vllm' ? now.gradient.map((g) => g / n) : now.gradient;
    gradNorms.push(norm(gradient));
    gradient.forEach((g, i) => {
      first[i] = beta1 * first[i]! + (1 - beta1) * g;
      second[i] = beta2 * second[i]! + (1 - beta2) * g ** 2;
      const mHat = first[i]! / (1 - beta1 ** t);
      const vHat = second[i]! / (1 - beta2 ** t);
      // Decoupled decay acts on the old value, as in torch.optim.AdamW.
      delta[i] = delta[i]! * (1 - lr * decay) - (lr * mHat) / (Math.sqrt(vHat) + eps);
    });
    deltaNorms.push(norm(delta));
    deltas.push(Float64Array.from(delta));
    now = crossEntropy(model, hidden, targets, delta);
  }
  return {
    losses,
    gradNorms,
    deltaNorms,
    deltas,
    finalLoss: now.loss,
    positionLoss: { before: before.perPosition, after: now.perPosition },
    meanP: { before: before.meanP, after: now.meanP },
  };
}

function crossEntropy(
  model: ReferenceHead,
  hidden: readonly Float64Array[],
  targets: readonly number[],
  delta: Float64Array,
) {
  const gradient = new Float64Array(delta.length);
  const meanP = new Float64Array(model.options.vocab);
  const perPosition = hidden.map((h, position) => {
    const { logits, slope } = model.tailOf(model.project(h.map((value, i) => value + delta[i]!)));
    const p = softmax(logits);
    const target = targets[position]!;
    // d loss / d z of this position, then through W to h + delta.
    const residual = p.map((value, v) => ((value - (v === target ? 1 : 0)) * slope[v]!) / hidden.length);
    model.projectBack(residual).forEach((g, i) => {
      gradient[i]! += g;
    });
    p.forEach((value, v) => {
      meanP[v]! += value / hidden.length;
    });
    const max = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const sum = logits.reduce((total, value) => total + Math.exp(value - max), 0);
    return max + Math.log(sum) - logits[target]!;
  });
  const loss = perPosition.reduce((sum, value) => sum + value, 0) / perPosition.length;
  return { loss, perPosition, gradient, meanP };
}

export function norm(vector: ArrayLike<number>): number {
  return Math.sqrt(Array.from(vector).reduce((sum, value) => sum + value * value, 0));
}
