/** The next-token distributions of one model beside those of another, over the same positions. */
import type { Distributions, HeadRuntime } from '../onnx/runtime/head-runtime';

export interface Projected {
  readonly head: HeadRuntime;
  /** [n, d] */
  readonly states: Float32Array;
}

export interface ComparedRow {
  /** [V] the other's logits less the base's, up to scale, bias and cap. */
  readonly moved: Float32Array;
  readonly distributions: Distributions;
}

/** Positions whose logits are held at a time. */
const BLOCK = 16;

/**
 * Of each position, in order.
 * @param base whose tail gives both distributions, and whose logits are those that its answers are written from
 * @param other whose logits are exact
 */
export async function* comparedRows(base: Projected, other: Projected): AsyncGenerator<ComparedRow, void> {
  const { hiddenSize: d, vocab } = base.head;
  for (let at = 0; at < base.states.length; at += BLOCK * d) {
    const z = await base.head.projectDecoded(base.states.slice(at, at + BLOCK * d));
    const moved = await other.head.projectApart(other.states.slice(at, at + BLOCK * d));
    for (const [i, value] of z.entries()) moved[i]! -= value;
    for (let row = 0; row < z.length; row += vocab) {
      const by = moved.subarray(row, row + vocab);
      const distributions = await base.head.distributions(z.subarray(row, row + vocab), by);
      yield { moved: by, distributions };
    }
  }
}
