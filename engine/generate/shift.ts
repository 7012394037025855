/** What a lane adds: to its hidden states, which is the same as to its logits. */
export interface Shift {
  /** [d] zeros for the baseline. */
  readonly delta: Float32Array;
  /** [V] b = W·delta */
  readonly b: Float32Array;
}

/** As the baseline's. */
export function shiftsNothing(delta: Float32Array): boolean {
  return delta.every((by) => by === 0);
}

export function noShift({
  hiddenSize,
  vocab,
}: {
  readonly hiddenSize: number;
  readonly vocab: number;
}): Shift {
  return { delta: new Float32Array(hiddenSize), b: new Float32Array(vocab) };
}
