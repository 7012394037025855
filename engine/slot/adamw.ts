/** AdamW (Loshchilov & Hutter, arXiv 1711.05101, algorithm 2) on one vector, in float64. */
import type { AdamWSettings } from '../protocol';

export class AdamW {
  readonly parameters: Float64Array;
  private readonly m: Float64Array;
  private readonly v: Float64Array;
  private t = 0;

  constructor(
    size: number,
    private readonly settings: AdamWSettings,
  ) {
    this.parameters = new Float64Array(size);
    this.m = new Float64Array(size);
    this.v = new Float64Array(size);
  }

  /** p ← p - lr·m̂/(√v̂ + eps) - lr·wd·p */
  update(gradient: ArrayLike<number>): void {
    const { lr, betas, eps, weightDecay } = this.settings;
    const [beta1, beta2] = betas;
    this.t += 1;
    const correction1 = 1 - beta1 ** this.t;
    const correction2 = 1 - beta2 ** this.t;
    for (let i = 0; i < this.parameters.length; i++) {
      const g = gradient[i]!;
      const m = beta1 * this.m[i]! + (1 - beta1) * g;
      const v = beta2 * this.v[i]! + (1 - beta2) * g * g;
      this.m[i] = m;
      this.v[i] = v;
      const p = this.parameters[i]!;
      this.parameters[i] =
        p - (lr * (m / correction1)) / (Math.sqrt(v / correction2) + eps) - lr * weightDecay * p;
    }
  }
}
