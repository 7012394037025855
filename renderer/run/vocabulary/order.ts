/** Order and ranks over a whole vocabulary, fast enough for the main thread: a radix sort instead of comparisons. */

const DIGIT_BITS = 11;
const BUCKETS = 1 << DIGIT_BITS;
const PASSES = 3;
const LAST = 0xffff_ffff;

/** Indices by value; equal values by index, NaN last either way. */
export function orderOf(values: Float32Array, descending: boolean): Uint32Array {
  const keys = sortKeys(values, descending);
  const size = values.length;
  let from: Uint32Array = identity(size);
  let to: Uint32Array = new Uint32Array(size);
  const starts = new Uint32Array(BUCKETS);
  for (let pass = 0; pass < PASSES; pass++) {
    const shift = pass * DIGIT_BITS;
    starts.fill(0);
    for (let at = 0; at < size; at++) starts[(keys[at]! >>> shift) & (BUCKETS - 1)]! += 1;
    let sum = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const count = starts[bucket]!;
      starts[bucket] = sum;
      sum += count;
    }
    for (let at = 0; at < size; at++) {
      const index = from[at]!;
      const bucket = (keys[index]! >>> shift) & (BUCKETS - 1);
      to[starts[bucket]!] = index;
      starts[bucket]! += 1;
    }
    [from, to] = [to, from];
  }
  return from;
}

/**
 * The first `most` of `orderOf` that the mask lets through (1 is let through; null lets all through), without sorting
 * the others. NaN is left out.
 */
export function firstOf(
  values: Float32Array,
  descending: boolean,
  mask: Uint8Array | null,
  most: number,
): number[] {
  const sign = descending ? 1 : -1;
  const first: number[] = [];
  let least = Number.NEGATIVE_INFINITY;
  for (let id = 0; id < values.length; id++) {
    const value = sign * values[id]!;
    const isFull = first.length >= most;
    if ((isFull && value <= least) || Number.isNaN(value) || (mask !== null && mask[id] !== 1)) continue;
    first.splice(placeOf(value), 0, id);
    if (isFull) first.pop();
    least = sign * values[first.at(-1) ?? 0]!;
  }
  return first;

  /** After all that are no smaller. */
  function placeOf(value: number): number {
    let low = 0;
    let high = first.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sign * values[first[middle]!]! >= value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** 0, 1, 2 and so on. */
export function identity(size: number): Uint32Array {
  const ids = new Uint32Array(size);
  for (let id = 0; id < size; id++) ids[id] = id;
  return ids;
}

/** For each index how many values lie above its own: 0 is the largest. */
export function ranksOf(values: Float32Array): Float32Array {
  const ranks = new Float32Array(values.length);
  let above = 0;
  let before = Number.NaN;
  const order = orderOf(values, true);
  for (let place = 0; place < order.length; place++) {
    const index = order[place]!;
    const value = values[index]!;
    if (value !== before) above = place;
    ranks[index] = above;
    before = value;
  }
  return ranks;
}

/** A float's bits as an unsigned number that sorts as the float does. */
function sortKeys(values: Float32Array, descending: boolean): Uint32Array {
  // Adding 0 turns -0 into 0, so that the two tie.
  const positive = values.map((value) => value + 0);
  const bits = new Uint32Array(positive.buffer, positive.byteOffset, positive.length);
  const keys = new Uint32Array(bits.length);
  for (let index = 0; index < bits.length; index++) {
    const own = bits[index]!;
    const key = (own >>> 31 === 1 ? ~own : own | 0x8000_0000) >>> 0;
    const isNumber = !Number.isNaN(values[index]!);
    keys[index] = isNumber ? (descending ? LAST - key : key) : LAST;
  }
  return keys;
}
