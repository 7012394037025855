import { readMoments, writeMoments } from './moments-file';

/**
 * Running mean, spread and signs of vectors with one entry for each token, such as W·delta over the problems of a data
 * set: 24 bytes a token however many problems there are. Welford's updates (1962), merged as Chan, Golub & LeVeque
 * (1983) do. The last digits depend on the order, so problems are added in theirs where bytes are to be equal.
 */
export class Moments {
  #count = 0;
  readonly #mean: Float64Array;
  readonly #squares: Float64Array;
  readonly #up: Uint32Array;
  readonly #down: Uint32Array;

  /** @throws RangeError unless 1 ≤ size ≤ MAX_MOMENTS_SIZE */
  constructor(readonly size: number) {
    if (!(Number.isSafeInteger(size) && size >= 1 && size <= MAX_MOMENTS_SIZE))
      throw new RangeError(`${size} is no size of a vocabulary`);
    this.#mean = new Float64Array(size);
    this.#squares = new Float64Array(size);
    this.#up = new Uint32Array(size);
    this.#down = new Uint32Array(size);
  }

  /** vectors added */
  get count(): number {
    return this.#count;
  }

  /** [size]; zeros before the first vector. A view: do not write to it. */
  get mean(): Float64Array {
    return this.#mean;
  }

  /** [size], vectors in which the entry was above 0. A view. */
  get up(): Uint32Array {
    return this.#up;
  }

  /** [size], vectors in which the entry was below 0. A view. */
  get down(): Uint32Array {
    return this.#down;
  }

  /** [size], sample standard deviation (n − 1); NaN before the second vector. */
  get sd(): Float64Array {
    return this.#squares.map((squares) =>
      this.#count < 2 ? Number.NaN : Math.sqrt(squares / (this.#count - 1)),
    );
  }

  /** @throws RangeError for another size or an entry that is not finite, before anything is changed */
  add(vector: Float32Array): void {
    this.#checkSize(vector.length);
    const odd = vector.findIndex((value) => !Number.isFinite(value));
    if (odd >= 0) throw new RangeError(`entry ${odd} is ${vector[odd]}`);
    this.#count += 1;
    for (let i = 0; i < vector.length; i++) {
      const value = vector[i]!;
      const off = value - this.#mean[i]!;
      this.#mean[i]! += off / this.#count;
      this.#squares[i]! += off * (value - this.#mean[i]!);
      if (value > 0) this.#up[i]! += 1;
      else if (value < 0) this.#down[i]! += 1;
    }
  }

  /** Adds what the other holds, as if its vectors had been added here. @throws RangeError for another size */
  merge(other: Moments): void {
    this.#checkSize(other.size);
    const together = this.#count + other.#count;
    if (other.#count === 0) return;
    for (let i = 0; i < this.size; i++) {
      const off = other.#mean[i]! - this.#mean[i]!;
      this.#mean[i]! += (off * other.#count) / together;
      this.#squares[i]! += other.#squares[i]! + (off * off * this.#count * other.#count) / together;
      this.#up[i]! += other.#up[i]!;
      this.#down[i]! += other.#down[i]!;
    }
    this.#count = together;
  }

  /** The same bytes for the same vectors in the same order; `fromBytes` reads them back without loss. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return writeMoments({
      count: this.#count,
      mean: this.#mean,
      squares: this.#squares,
      up: this.#up,
      down: this.#down,
    });
  }

  /**
   * @param size how many entries they have to have
   * @throws RangeError where the bytes are no such moments, or are damaged
   */
  static fromBytes(bytes: Uint8Array, size: number): Moments {
    const moments = new Moments(size);
    const read = readMoments(bytes, size);
    moments.#count = read.count;
    moments.#mean.set(read.mean);
    moments.#squares.set(read.squares);
    moments.#up.set(read.up);
    moments.#down.set(read.down);
    return moments;
  }

  #checkSize(size: number): void {
    if (size !== this.size) throw new RangeError(`${size} entries for moments of ${this.size}`);
  }
}

/** Four times the largest vocabularies there are: 24 MiB of moments. */
export const MAX_MOMENTS_SIZE = 2 ** 20;
