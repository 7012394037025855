/**
 * Endless cheap normal numbers: one block of true ones, walked through again and again, from another start and
 * at another size each time round. Models below the block's size get no number twice.
 */

const BLOCK = 2 ** 18;

/** A uniform generator on [0, 1): mulberry32. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const blocks = new Map<number, Float32Array>();

/** Standard normal, by Box and Muller. */
function normalBlock(seed: number): Float32Array {
  const known = blocks.get(seed);
  if (known) return known;
  const random = uniform(seed);
  const block = new Float32Array(BLOCK);
  for (let i = 0; i < BLOCK; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    block[i] = radius * Math.cos(angle);
    block[i + 1] = radius * Math.sin(angle);
  }
  blocks.clear();
  blocks.set(seed, block);
  return block;
}

export class RandomFill {
  private readonly block: Float32Array;
  private readonly jump: () => number;
  private at = 0;
  private size = 1;

  constructor(seed: number) {
    this.block = normalBlock(seed);
    this.jump = uniform(seed ^ 0x5eed);
  }

  /** `count` numbers of this mean and standard deviation, in chunks of at most 2^18. */
  *chunks(count: number, mean: number, deviation: number): Generator<Float32Array> {
    for (let left = count; left > 0; ) {
      if (this.at >= BLOCK) {
        this.at = Math.floor(this.jump() * (BLOCK / 2));
        this.size = 0.8 + 0.4 * this.jump();
      }
      const part = this.block.subarray(this.at, Math.min(this.at + left, BLOCK));
      const chunk = new Float32Array(part.length);
      const factor = deviation * this.size;
      for (let i = 0; i < part.length; i++) chunk[i] = mean + factor * part[i]!;
      this.at += part.length;
      left -= part.length;
      yield chunk;
    }
  }
}
