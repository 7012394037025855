/** Selection over a whole vocabulary. */

/** Indices of the k largest values, largest first; ties by index. NaN is never selected. */
export function largest(values: ArrayLike<number>, k: number): number[] {
  const chosen: number[] = [];
  let threshold = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (chosen.length === k && !(value > threshold)) continue;
    if (Number.isNaN(value)) continue;
    let at = chosen.length;
    while (at > 0 && values[chosen[at - 1]!]! < value) at--;
    chosen.splice(at, 0, i);
    if (chosen.length > k) chosen.pop();
    threshold = values[chosen[chosen.length - 1]!]!;
  }
  return chosen;
}

/** Indices of the k smallest values, smallest first. */
export function smallest(values: Float32Array, k: number): number[] {
  return largest(
    values.map((value) => -value),
    k,
  );
}

/** How many values lie above the one at `index`: 0 is the best. */
export function rank(values: ArrayLike<number>, index: number): number {
  const own = values[index]!;
  let above = 0;
  for (let i = 0; i < values.length; i++) if (values[i]! > own) above++;
  return above;
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
