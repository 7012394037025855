/** How far hidden states that were computed in one way are from those of another, and what that does to the next token. */
import type { HeadRuntime } from '../onnx/runtime/head-runtime';
import { comparedRows } from './compared-rows';

export interface StateDifference {
  /** Of a logit, up to bias and cap. */
  readonly largest: number;
  /** The mean over positions of KL(one ‖ other), nats. */
  readonly kl: number;
  /** ‖one − other‖ / ‖one‖, over all positions together. */
  readonly relative: number;
}

/** @param one [n, d] @param other [n, d] */
export async function differenceOf(
  head: HeadRuntime,
  one: Float32Array,
  other: Float32Array,
): Promise<StateDifference> {
  let [largest, kl, apart, length] = [0, 0, 0, 0];
  for (const [i, value] of one.entries()) {
    apart += (value - other[i]!) ** 2;
    length += value ** 2;
  }
  for await (const { moved, distributions } of comparedRows({ head, states: other }, { head, states: one })) {
    for (const by of moved) largest = Math.max(largest, Math.abs(head.logitScale * by));
    kl += distributions.kl / (other.length / head.hiddenSize);
  }
  // A divergence is never below zero; its float32 sum may be, where the two are the same.
  return { largest, kl: Math.max(0, kl), relative: Math.sqrt(apart / length) };
}
