/** The vocabulary in chunks that all lanes of a prompt use while they are in the processor's cache. */

export interface VocabularyChunks {
  readonly count: number;
  /** Tokens of each; together they may be more than the vocabulary has. */
  readonly size: number;
}

/** As many probabilities of 64 positions take 512 KiB. */
const LARGEST = 2048;
/** So many numbers are a cache line. */
const LINE = 16;

/** Two at least: onnxruntime would fold the lanes of one into a product that sums in another order. */
export function vocabularyChunks(vocab: number): VocabularyChunks {
  const count = Math.max(2, Math.ceil(vocab / LARGEST));
  return { count, size: LINE * Math.ceil(vocab / count / LINE) };
}
