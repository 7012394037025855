/** The head's matrix W at work, in whatever form the export keeps it. */
import type { BaseSoftmax } from './prompt-softmax';

export interface Linear {
  /** Whether rows projected together influence each other's numbers. */
  readonly rowsInteract: boolean;
  /** z = W·h for each row with the export's own arithmetic: [rows, d] → [rows, V]. */
  project(hidden: Float32Array): Promise<Float32Array>;
  /** The same of rows that answers are written from: in fast arithmetic less precise where that is sooner. */
  projectDecoded(hidden: Float32Array): Promise<Float32Array>;
  /** The same z behind the tail, as probabilities; for affine tails. @param labels [rows] */
  baseSoftmax(hidden: Float32Array, labels: readonly number[]): Promise<BaseSoftmax>;
  /** W·delta of each, with W dequantised exactly: [d] → [V]. */
  projectDeltas(deltas: readonly Float32Array[]): Promise<Float32Array[]>;
  /** Wᵀ·r of each, with W dequantised exactly: [V] → [d]. */
  transposedProducts(rs: readonly Float32Array[]): Promise<Float32Array[]>;
  /** Before the file is closed. */
  release(): Promise<void>;
}

/** One after the other, for weights whose products with several vectors share nothing. */
export async function oneByOne(
  vectors: readonly Float32Array[],
  product: (vector: Float32Array) => Promise<Float32Array>,
): Promise<Float32Array[]> {
  const products: Float32Array[] = [];
  for (const vector of vectors) products.push(await product(vector));
  return products;
}
