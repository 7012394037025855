/** Plain gradient descent on one vector, in float64: AdamW's control, whose steps are sums over the prompt's positions. */
export class Sgd {
  readonly parameters: Float64Array;

  constructor(
    size: number,
    private readonly settings: { readonly lr: number; readonly weightDecay: number },
  ) {
    this.parameters = new Float64Array(size);
  }

  /** p ← p - lr·(g + wd·p) */
  update(gradient: ArrayLike<number>): void {
    const { lr, weightDecay } = this.settings;
    for (let i = 0; i < this.parameters.length; i++) {
      const p = this.parameters[i]!;
      this.parameters[i] = p - lr * (gradient[i]! + weightDecay * p);
    }
  }
}
