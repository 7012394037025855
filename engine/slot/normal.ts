/**
 * Uniform and standard normal draws, the very numbers of NumPy's `RandomState(seed)`, so that a random control can
 * be made again elsewhere: the Mersenne Twister (Matsumoto & Nishimura 1998) and Marsaglia's polar method (1964).
 */

const N = 624;
const M = 397;

class MersenneTwister {
  private readonly state = new Uint32Array(N);
  private next = N;

  constructor(seed: number) {
    this.state[0] = seed;
    for (let i = 1; i < N; i++) {
      const before = this.state[i - 1]!;
      this.state[i] = Math.imul(1_812_433_253, before ^ (before >>> 30)) + i;
    }
  }

  /** Uniform in [0, 1), with 53 bits. */
  uniform(): number {
    const high = this.word() >>> 5;
    const low = this.word() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  private word(): number {
    if (this.next === N) this.refill();
    let y = this.state[this.next++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  private refill(): void {
    const { state } = this;
    for (let i = 0; i < N; i++) {
      const y = (state[i]! & 0x80000000) | (state[(i + 1) % N]! & 0x7fffffff);
      state[i] = state[(i + M) % N]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.next = 0;
  }
}

/** In [0, 1), NumPy's `RandomState(seed).random_sample(size)`. @param seed 32 bits, unsigned @returns [size] float64 */
export function uniformDraws(seed: number, size: number): Float64Array {
  const twister = new MersenneTwister(seed);
  return Float64Array.from({ length: size }, () => twister.uniform());
}

/** @param seed 32 bits, unsigned @returns [size] float64 */
export function normalDraws(seed: number, size: number): Float64Array {
  const twister = new MersenneTwister(seed);
  const draws = new Float64Array(size);
  for (let i = 0; i < size; ) {
    const x = 2 * twister.uniform() - 1;
    const y = 2 * twister.uniform() - 1;
    const square = x * x + y * y;
    if (square >= 1 || square === 0) continue;
    const factor = Math.sqrt((-2 * Math.log(square)) / square);
    draws[i++] = factor * y;
    if (i < size) draws[i++] = factor * x;
  }
  return draws;
}
