/** Random choices that a seed and an input's index settle, so that any one input can be made again alone. */
import { uniform } from '../../fixtures/random-fill';

export class Random {
  private readonly next: () => number;

  constructor(seed: number, index: number) {
    this.next = uniform(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
  }

  /** An integer in [0, end). */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }
}
