/** Whether deltas point the same way. */

export interface Similarity {
  /** L2, of each. */
  readonly norms: number[];
  /** The cosine of the angle between every two, row by row; null where one is all zeros. */
  readonly cosines: (number | null)[][];
}

/** In float64. @param deltas [d] each */
export function similarityOf(deltas: readonly Float32Array[]): Similarity {
  const norms = deltas.map((delta) => Math.sqrt(dot(delta, delta)));
  const cosines = deltas.map((a, i) =>
    deltas.map((b, j) => {
      const size = norms[i]! * norms[j]!;
      return size === 0 ? null : dot(a, b) / size;
    }),
  );
  return { norms, cosines };
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
