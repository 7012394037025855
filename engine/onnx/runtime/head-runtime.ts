/** A head at work: its matrix, and the sessions over the view graphs of what follows it. */
import type { Arithmetic } from '../../protocol';
import type { Head } from '../recognise/find-head';
import type { OnnxFile } from '../source/onnx-file';
import { type PlannedView, planHead } from '../views/plan-head';
import { isAffine, logitScale } from '../views/tail-nodes';
import type { Linear } from './linear';
import { openLinear } from './open-linear';
import {
  type BaseSoftmax,
  type Growths,
  type LaneVectors,
  type NarrowSoftmax,
  narrowHolds,
  PromptSoftmax,
} from './prompt-softmax';
import { ReleaseStack } from './release-stack';
import { floatData, floats, ints, type SessionOptions, ViewSession } from './session';

/** Sums over one block of positions, weighted. */
interface BlockObjective {
  /** [m] cross-entropy of each label, nats. */
  readonly nll: ArrayLike<number>;
  /** [V] Σ weights·softmax. */
  readonly meanP: Float32Array;
  /** [V] Σ weights·(softmax - onehot)·tail′: the loss's derivative by z. Left out for affine tails. */
  readonly residual?: Float32Array;
}

/** A next-token distribution; nats. */
export interface Distribution {
  /** [V]; all of them NaN where a logit is no finite number. */
  readonly logprobs: Float32Array;
  readonly entropy: number;
}

/** Two next-token distributions at one hidden state; nats. */
export interface Distributions extends Distribution {
  readonly baseLogprobs: Float32Array;
  readonly baseEntropy: number;
  readonly kl: number;
}

/** What lanes add to the logits of a prompt, made ready once for all its blocks. */
export interface Shifts {
  /** [V] W·delta of each lane. */
  readonly bs: readonly Float32Array[];
  readonly growths: Growths;
}

interface HeadSessions {
  readonly softmax: PromptSoftmax;
  readonly objective: ViewSession;
  readonly distribution: ViewSession;
  readonly divergence: ViewSession;
}

export class HeadRuntime {
  private readonly noShift: Float32Array;

  private constructor(
    readonly vocab: number,
    readonly hiddenSize: number,
    /** Logits per unit of z: what turns W·delta into the logit shift. */
    readonly logitScale: number,
    /** Whether logits(z + b) = logits(z) + logitScale·b. */
    readonly isAffine: boolean,
    private readonly linear: Linear,
    private readonly sessions: HeadSessions,
    private readonly held: ReleaseStack,
  ) {
    this.noShift = new Float32Array(vocab);
  }

  /** @param file stays open until the head is released: 4-bit weights are read when the first gradient is taken */
  static open(
    file: OnnxFile,
    head: Head,
    options: SessionOptions,
    arithmetic?: Arithmetic,
  ): Promise<HeadRuntime> {
    return ReleaseStack.opening(async (held) => {
      const { vocab, hiddenSize } = head;
      const { linear: linearPlan, views } = planHead(file, head, arithmetic);
      const open = async (view: PlannedView) => held.add(await ViewSession.open(view, options));
      const linear = held.add(await openLinear(file, head, linearPlan, options));
      const sessions = {
        softmax: await PromptSoftmax.open(views, vocab, options, held),
        objective: await open(views.objective),
        distribution: await open(views.distribution),
        divergence: await open(views.divergence),
      };
      const scale = logitScale(file, head);
      return new HeadRuntime(vocab, hiddenSize, scale, isAffine(head), linear, sessions, held);
    });
  }

  /** z = W·h for each row: [rows, d] → [rows, V], before bias, scale and cap. */
  project(hidden: Float32Array): Promise<Float32Array> {
    return this.linear.project(hidden);
  }

  /** The same for rows that must not influence each other, as those of dynamically quantised heads would. */
  async projectApart(hidden: Float32Array): Promise<Float32Array> {
    if (!this.linear.rowsInteract) return this.project(hidden);
    const rows = hidden.length / this.hiddenSize;
    const z = new Float32Array(rows * this.vocab);
    for (let row = 0; row < rows; row++) {
      const one = hidden.subarray(row * this.hiddenSize, (row + 1) * this.hiddenSize);
      z.set(await this.project(one), row * this.vocab);
    }
    return z;
  }

  /** The same of rows that answers are written from: see `Linear`. */
  projectDecoded(hidden: Float32Array): Promise<Float32Array> {
    return this.linear.rowsInteract ? this.projectApart(hidden) : this.linear.projectDecoded(hidden);
  }

  /** b = W·delta: [d] → [V]. Times `logitScale` it is the logit shift. */
  async projectDelta(delta: Float32Array): Promise<Float32Array> {
    const [b] = await this.projectDeltas([delta]);
    return b!;
  }

  /** The same of several, to the bit, at the price of little more than one where the weight is float32 and tied. */
  projectDeltas(deltas: readonly Float32Array[]): Promise<Float32Array[]> {
    return this.linear.projectDeltas(deltas);
  }

  /** Wᵀ·r: [V] → [d]. */
  async transposedProduct(r: Float32Array): Promise<Float32Array> {
    const [gradient] = await this.transposedProducts([r]);
    return gradient!;
  }

  /** As `projectDeltas`. */
  transposedProducts(rs: readonly Float32Array[]): Promise<Float32Array[]> {
    return this.linear.transposedProducts(rs);
  }

  /** For affine tails. @param hidden [m, d] @param labels [m] */
  baseSoftmax(hidden: Float32Array, labels: readonly number[]): Promise<BaseSoftmax> {
    return this.linear.baseSoftmax(hidden, labels);
  }

  /** In half the bytes. @param base not to be used afterwards */
  narrowed(base: BaseSoftmax): Promise<NarrowSoftmax> {
    return this.sessions.softmax.narrowed(base);
  }

  /** For `shiftedObjectives`. @param bs [V] W·delta of each lane */
  async shifts(bs: readonly Float32Array[]): Promise<Shifts> {
    return { bs, growths: await this.sessions.softmax.growths(bs) };
  }

  /**
   * The weighted cross-entropy of `labels` under softmax(logits + shift) for each shift, for affine tails: two
   * matrix-vector products over p instead of an exponential for each logit.
   * @param weights [m] for each shift
   * @returns undefined for a shift that the probabilities do not hold, narrow as they are: take `objective`
   */
  async shiftedObjectives(
    base: BaseSoftmax | NarrowSoftmax,
    { bs, growths }: Shifts,
    labels: readonly number[],
    weights: readonly (readonly number[])[],
  ): Promise<(BlockObjective | undefined)[]> {
    const parts = await this.sessions.softmax.shifted(base, growths, weights);
    return parts.map(({ sums, meanP }, lane) => {
      if ('codes' in base && !narrowHolds(sums)) return undefined;
      const [b, highest] = [bs[lane]!, growths.highest[lane]!];
      const nll = (label: number, i: number) =>
        base.nll[i]! + highest + Math.log(sums[i]!) - this.logitScale * b[label]!;
      return { nll: Float64Array.from(labels, nll), meanP };
    });
  }

  /** For `shiftedMeans` of `values` [V]. @param b [V] W·delta */
  async shiftedValues(b: Float32Array, values: Float32Array): Promise<LaneVectors> {
    const { softmax } = this.sessions;
    return softmax.withValues(await softmax.growths([b]), values);
  }

  /** [m] means of the values under softmax(logits + shift), for affine tails. */
  async shiftedMeans(base: BaseSoftmax | NarrowSoftmax, values: LaneVectors): Promise<Float64Array> {
    const ones = Array.from(base.nll, () => 1);
    const [all, part] = await this.sessions.softmax.shifted(base, values, [ones, ones]);
    return Float64Array.from(all!.sums, (sum, i) => part!.sums[i]! / sum);
  }

  /**
   * The weighted cross-entropy of `labels` under softmax(tail(z + b)).
   * @param z [m, V] from `project` @param b [V] @param weights [m], 0 where a position is ignored
   */
  async objective(
    z: Float32Array,
    b: Float32Array,
    labels: readonly number[],
    weights: readonly number[],
  ): Promise<BlockObjective> {
    const m = labels.length;
    const outputs = await this.sessions.objective.run({
      z: floats(z, [m, this.vocab]),
      b: floats(b, [1, this.vocab]),
      labels: ints(labels, [m]),
      weights: floats(Float32Array.from(weights), [1, m]),
    });
    const meanP = floatData(outputs.meanP);
    if (this.isAffine) return { nll: floatData(outputs.nll), meanP };
    const residual = floatData(outputs.softR);
    const slopes = floatData(outputs.labelSlope);
    labels.forEach((label, i) => {
      residual[label]! -= weights[i]! * slopes[i]!;
    });
    return { nll: floatData(outputs.nll), meanP, residual };
  }

  /** Of softmax(tail(z + b)). @param z [V] from `project` @param b [V] a lane's W·delta, if it has one */
  async distribution(z: Float32Array, b = this.noShift): Promise<Distribution> {
    const dims = [1, this.vocab];
    const outputs = await this.sessions.distribution.run({ z: floats(z, dims), b: floats(b, dims) });
    return { logprobs: floatData(outputs.logprobs), entropy: floatData(outputs.entropy)[0]! };
  }

  /**
   * @param z [V] from `project` @param b [V] the adapted lane's W·delta
   * @param base `distribution(z)` where it is known
   */
  async distributions(z: Float32Array, b: Float32Array, base?: Distribution): Promise<Distributions> {
    const { logprobs: baseLogprobs, entropy: baseEntropy } = base ?? (await this.distribution(z));
    const own = await this.distribution(z, b);
    const dims = [1, this.vocab];
    const { kl } = await this.sessions.divergence.run({
      logprobs: floats(own.logprobs, dims),
      baseLogprobs: floats(baseLogprobs, dims),
    });
    return { ...own, baseLogprobs, baseEntropy, kl: floatData(kl)[0]! };
  }

  release(): Promise<void> {
    return this.held.release();
  }
}
