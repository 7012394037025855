/** How far hidden states that were computed in one way are from those of another, and what that does to the next token. */
import type { HeadRuntime } from '../onnx/runtime/head-runtime';

export interface StateDifference {
  /** Of a logit, up to bias and cap. */
  readonly largest: number;
  /** The mean over positions of KL(one ‖ other), nats. */
  readonly kl: number;
  /** ‖one − other‖ / ‖one‖, over all positions together. */
  readonly relative: number;
}

/** Positions whose logits are held at a time. */
const BLOCK = 16;

/** @param one [n, d] @param other [n, d] */
export async function differenceOf(
  head: HeadRuntime,
  one: Float32Array,
  other: Float32Array,
): Promise<StateDifference> {
  const { hiddenSize: d, vocab, logitScale } = head;
  let [largest, kl, apart, length] = [0, 0, 0, 0];
  for (const [i, value] of one.entries()) {
    apart += (value - other[i]!) ** 2;
    length += value ** 2;
  }
  for (let at = 0; at < other.length; at += BLOCK * d) {
    const z = await head.projectApart(other.slice(at, at + BLOCK * d));
    const moved = await head.projectApart(one.slice(at, at + BLOCK * d));
    for (const [i, value] of z.entries()) moved[i]! -= value;
    for (const by of moved) largest = Math.max(largest, Math.abs(logitScale * by));
    for (let row = 0; row < z.length; row += vocab) {
      // Of z + moved, which are the one's logits, from z.
      const found = await head.distributions(z.subarray(row, row + vocab), moved.subarray(row, row + vocab));
      kl += found.kl / (other.length / d);
    }
  }
  // A divergence is never below zero; its float32 sum may be, where the two are the same.
  return { largest, kl: Math.max(0, kl), relative: Math.sqrt(apart / length) };
}
