/** The loss of lanes of one prompt: all that are moved alike share each read of the probabilities. */
import type { HeadRuntime, Shifts } from '../onnx/runtime/head-runtime';
import { type Block, IGNORED, type PromptPositions } from './positions';

export interface Evaluation {
  /** Weighted mean cross-entropy over the targets, nats; summed in float64. */
  readonly loss: number;
  /** [targets] cross-entropy of each target, whatever its weight; NaN where ignored. */
  readonly positionLoss: Float64Array;
  /** [V] softmax averaged over the targets' positions with their weights. */
  readonly meanP: Float32Array;
  /** [V] the loss's derivative by z, summed over positions. */
  readonly residual: Float32Array;
}

/** Where a lane's loss is taken. */
interface Point {
  /** [targets] 1 in all, 0 where a target is ignored. */
  readonly weights: readonly number[];
  /** [V] W·delta */
  readonly b: Float32Array;
}

/**
 * Up to this spread of the shift over the vocabulary, probabilities without delta serve: what float32 drops below
 * exp(-87) then has a share below V·exp(50 - 87), less than float32 rounding.
 */
const MAX_SHIFT_WIDTH = 50;

/** @returns one for each point, with the numbers that it has alone */
export async function evaluateTogether(
  positions: PromptPositions,
  points: readonly Point[],
): Promise<Evaluation[]> {
  const { head, blocks } = positions;
  const lanes = points.map((point) => new LaneSums(positions, point));
  const { cheap, shifts } = await cheapOf(head, lanes);
  for (const block of blocks) {
    const left = new Set(lanes);
    if (shifts) {
      const weights = cheap.map((lane) => lane.weightsOf(block));
      const base = await positions.baseSoftmax(block);
      const parts = await head.shiftedObjectives(base, shifts, block.labels, weights);
      for (const [i, lane] of cheap.entries()) {
        if (!parts[i]) continue;
        lane.add(block, parts[i]);
        left.delete(lane);
      }
    }
    if (left.size === 0) continue;
    const z = await positions.z(block);
    for (const lane of left)
      lane.add(block, await head.objective(z, lane.b, block.labels, lane.weightsOf(block)));
  }
  return lanes.map((lane) => lane.finished());
}

interface Cheap {
  readonly cheap: readonly LaneSums[];
  readonly shifts?: Shifts;
}

/** The lanes that the probabilities without delta serve. */
async function cheapOf(head: HeadRuntime, lanes: readonly LaneSums[]): Promise<Cheap> {
  if (!head.isAffine || lanes.length === 0) return { cheap: [] };
  const shifts = await head.shifts(lanes.map(({ b }) => b));
  const cheap = lanes.filter((_, i) => shifts.growths.widths[i]! <= MAX_SHIFT_WIDTH);
  return cheap.length === lanes.length ? { cheap, shifts } : cheapOf(head, cheap);
}

type BlockObjective = Awaited<ReturnType<HeadRuntime['objective']>>;

class LaneSums {
  readonly b: Float32Array;
  private readonly weights: readonly number[];
  private readonly positionLoss: Float64Array;
  private readonly meanP: Float32Array;
  private readonly residual: Float32Array;

  constructor(
    private readonly positions: PromptPositions,
    { weights, b }: Point,
  ) {
    const { head, targets } = positions;
    this.weights = weights;
    this.b = b;
    this.positionLoss = new Float64Array(targets.length).fill(Number.NaN);
    this.meanP = new Float32Array(head.vocab);
    this.residual = new Float32Array(head.vocab);
  }

  weightsOf({ start, labels }: Block): readonly number[] {
    return this.weights.slice(start, start + labels.length);
  }

  add({ start, labels }: Block, { nll, meanP, residual }: BlockObjective): void {
    for (const i of labels.keys())
      if (this.positions.targets[start + i] !== IGNORED) this.positionLoss[start + i] = nll[i]!;
    add(this.meanP, meanP);
    if (residual) add(this.residual, residual);
  }

  finished(): Evaluation {
    const { positionLoss, meanP, residual, weights } = this;
    const { head, targets } = this.positions;
    if (head.isAffine) {
      // With one slope for all tokens, r = slope·(mean softmax - mean onehot).
      for (let id = 0; id < meanP.length; id++) residual[id] = head.logitScale * meanP[id]!;
      for (const [i, weight] of weights.entries())
        if (weight > 0) residual[targets[i]!]! -= head.logitScale * weight;
    }
    return { loss: weightedSum(positionLoss, weights), positionLoss, meanP, residual };
  }
}

/** NaN where nothing counts. */
export function weightedSum(values: Float64Array, weights: readonly number[]): number {
  let [sum, total] = [0, 0];
  for (const [i, weight] of weights.entries()) {
    if (weight === 0) continue;
    sum += weight * values[i]!;
    total += weight;
  }
  return total === 0 ? Number.NaN : sum;
}

function add(into: Float32Array, other: Float32Array): void {
  for (let i = 0; i < into.length; i++) into[i]! += other[i]!;
}
