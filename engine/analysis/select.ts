/** Selection over a whole vocabulary. */

/** Indices of the k largest values, largest first; ties by index. NaN is never selected. */
export function largest(values: ArrayLike<number>, k: number): number[] {
  return first(values, k, 1);
}

/** Indices of the k smallest values, smallest first; ties by index. NaN is never selected. */
export function smallest(values: ArrayLike<number>, k: number): number[] {
  return first(values, k, -1);
}

/** The k first in descending (1) or ascending (-1) order. */
function first(values: ArrayLike<number>, k: number, sign: 1 | -1): number[] {
  const chosen: number[] = [];
  const last = () => values[chosen.at(-1)!]!;
  const choose = (index: number) => {
    const value = sign * values[index]!;
    let at = chosen.length;
    while (at > 0 && sign * values[chosen[at - 1]!]! < value) at--;
    chosen.splice(at, 0, index);
    if (chosen.length > k) chosen.pop();
  };
  // Read once: a typed array's length costs as much as a comparison.
  const { length } = values;
  let i = 0;
  for (; i < length && chosen.length < k; i++) if (!Number.isNaN(values[i]!)) choose(i);
  const next = sign === 1 ? nextAbove : nextBelow;
  for (i = next(values, i, last(), length); i < length; i = next(values, i + 1, last(), length)) choose(i);
  return chosen;
}

/** The first index from `i` on whose value is larger; `length` where there is none. */
function nextAbove(v: ArrayLike<number>, i: number, than: number, length: number): number {
  // Nearly all are smaller: four at a time take half as long as one by one.
  for (const end = length - 3; i < end; i += 4) {
    if (v[i]! > than || v[i + 1]! > than || v[i + 2]! > than || v[i + 3]! > than) break;
  }
  while (i < length && !(v[i]! > than)) i++;
  return i;
}

/** The first index from `i` on whose value is smaller; `length` where there is none. */
function nextBelow(v: ArrayLike<number>, i: number, than: number, length: number): number {
  while (i < length && !(v[i]! < than)) i++;
  return i;
}

/**
 * Indices of the k largest of max(a, b), largest first; ties by index. None but the k largest of a or of b can be
 * among them.
 * @param ofA the k largest of `a` @param ofB the k largest of `b`
 */
export function largestOfEither(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  ofA: readonly number[],
  ofB: readonly number[],
  k: number,
): number[] {
  const larger = (i: number) => Math.max(a[i]!, b[i]!);
  return [...new Set([...ofA, ...ofB])].sort((i, j) => larger(j) - larger(i) || i - j).slice(0, k);
}

/** How many values lie above the one at `index`: 0 is the best. */
export function rank(values: ArrayLike<number>, index: number): number {
  const own = values[index]!;
  let above = 0;
  for (let i = 0; i < values.length; i++) if (values[i]! > own) above++;
  return above;
}

/** `rank`, read off the largest values where the one at `index` is among them. @param top from `largest` */
export function rankAmong(values: ArrayLike<number>, index: number, top: readonly number[]): number {
  const at = top.findIndex((i) => values[i] === values[index]);
  return at >= 0 ? at : rank(values, index);
}

/** `rank` of several indices in one pass over the values. */
export function ranks(values: ArrayLike<number>, indices: readonly number[]): number[] {
  const order = indices.map((_, i) => i).sort((a, b) => values[indices[a]!]! - values[indices[b]!]!);
  const own = order.map((i) => values[indices[i]!]!);
  // counts[k]: the values that lie above exactly the k smallest of `own`.
  const counts = new Float64Array(own.length + 1);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    let low = 0;
    let high = own.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (own[middle]! < value) low = middle + 1;
      else high = middle;
    }
    counts[low]! += 1;
  }
  const result = new Array<number>(indices.length);
  let above = 0;
  for (let k = own.length - 1; k >= 0; k--) {
    above += counts[k + 1]!;
    result[order[k]!] = above;
  }
  return result;
}
