/** What is known of a row's next token: the baseline's distribution once for all its lanes, and each lane's own. */
import { largest } from '../analysis/select';
import type { Distribution, Distributions, HeadRuntime } from '../onnx/runtime/head-runtime';

/** Two distributions, and the most probable tokens of each, most probable first. */
export interface Listed extends Distributions {
  readonly top: readonly number[];
  readonly baseTop: readonly number[];
}

interface Baseline extends Distribution {
  readonly top: readonly number[];
}

export class NextToken {
  private known: Promise<Baseline> | undefined;

  /** @param z [V] of the row @param listLength how many tokens to list, at least 1 */
  constructor(
    private readonly head: HeadRuntime,
    private readonly z: Float32Array,
    private readonly listLength: number,
  ) {}

  /** @param shift see `shiftOf` */
  async under(shift: Float32Array | undefined): Promise<Listed> {
    this.known ??= this.baseline();
    const base = await this.known;
    const { logprobs, entropy, top } = base;
    if (!shift) return { ...base, baseLogprobs: logprobs, baseEntropy: entropy, baseTop: top, kl: 0 };
    const both = await this.head.distributions(this.z, shift, base);
    return { ...both, top: largest(both.logprobs, this.listLength), baseTop: top };
  }

  private async baseline(): Promise<Baseline> {
    const base = await this.head.distribution(this.z);
    return { ...base, top: largest(base.logprobs, this.listLength) };
  }
}

/** @param b [V] W·delta @returns undefined where it moves nothing, as the baseline's */
export function shiftOf(b: Float32Array): Float32Array | undefined {
  return b.some((value) => value !== 0) ? b : undefined;
}
