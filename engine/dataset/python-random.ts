/** Python's random module, as far as a reference draws with it: the same seed gives the same numbers. */

const N = 624;
const M = 397;

/** MT19937, seeded as `random.seed(n)` does for 0 ≤ n < 2³² (init_by_array of one key). */
export class PythonRandom {
  private readonly state = new Uint32Array(N);
  private at = N;

  constructor(seed: number) {
    const { state } = this;
    state[0] = 19650218;
    for (let i = 1; i < N; i++) state[i] = Math.imul(1812433253, mixed(state[i - 1]!)) + i;
    let i = 1;
    for (let k = 0; k < N; k++) {
      state[i] = (state[i]! ^ Math.imul(mixed(state[i - 1]!), 1664525)) + seed;
      i = this.next(i);
    }
    for (let k = 0; k < N - 1; k++) {
      state[i] = (state[i]! ^ Math.imul(mixed(state[i - 1]!), 1566083941)) - i;
      i = this.next(i);
    }
    state[0] = 0x80000000;
  }

  /** As `random.randrange(n)` draws, for 0 < n < 2³²: as many high bits as n has, until they are below n. */
  randrange(n: number): number {
    const bits = 32 - Math.clz32(n);
    for (;;) {
      const drawn = this.word() >>> (32 - bits);
      if (drawn < n) return drawn;
    }
  }

  private next(i: number): number {
    if (i + 1 < N) return i + 1;
    this.state[0] = this.state[N - 1]!;
    return 1;
  }

  private word(): number {
    if (this.at === N) this.twist();
    let y = this.state[this.at++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  private twist(): void {
    const { state } = this;
    for (let i = 0; i < N; i++) {
      const y = (state[i]! & 0x80000000) | (state[(i + 1) % N]! & 0x7fffffff);
      state[i] = state[(i + M) % N]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.at = 0;
  }
}

function mixed(word: number): number {
  return word ^ (word >>> 30);
}
