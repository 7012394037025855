/** Hundreds of thousands of strings (tokens, merges) as bytes, decoded one by one when they are asked for. */

/** Each string's length precedes it in `bytes`. */
const LENGTH_BYTES = 8;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

export class StringList implements Iterable<string> {
  /** @param starts of each string in `bytes`, and of one more after the last */
  constructor(
    private readonly bytes: Uint8Array,
    private readonly starts: Uint32Array,
  ) {}

  get length(): number {
    return this.starts.length - 1;
  }

  /** Of no valid UTF-8, what is invalid becomes U+FFFD. @throws RangeError past the end */
  at(index: number): string {
    const [start, next] = [this.starts[index], this.starts[index + 1]];
    if (start === undefined || next === undefined) throw new RangeError(`string ${index} of ${this.length}`);
    return utf8.decode(this.bytes.subarray(start, next - LENGTH_BYTES));
  }

  *[Symbol.iterator](): Generator<string> {
    for (let index = 0; index < this.length; index++) yield this.at(index);
  }
}
