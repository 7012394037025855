/** The head's matrix W at work, in whatever form the export keeps it. */
import type { BaseSoftmax } from './projection-session';

export interface Linear {
  /** Whether rows projected together influence each other's numbers. */
  readonly rowsInteract: boolean;
  /** z = W·h for each row with the export's own arithmetic: [rows, d] → [rows, V]. */
  project(hidden: Float32Array): Promise<Float32Array>;
  /** The same z behind the tail, as probabilities; for affine tails. @param labels [rows] */
  baseSoftmax(hidden: Float32Array, labels: readonly number[]): Promise<BaseSoftmax>;
  /** W·delta with W dequantised exactly: [d] → [V]. */
  projectDelta(delta: Float32Array): Promise<Float32Array>;
  /** Wᵀ·r with W dequantised exactly: [V] → [d]. */
  transposedProduct(r: Float32Array): Promise<Float32Array>;
  /** Before the file is closed. */
  release(): Promise<void>;
}
