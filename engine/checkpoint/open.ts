/** A checkpoint as the ONNX model that is written for it. */
import { GeneratedFiles, type PlannedFile } from '../onnx/source/generated-files';
import { OnnxFile } from '../onnx/source/onnx-file';
import type { BlockMatrix, Checkpoint, Located } from './checkpoint';
import { decoderSpec } from './decoder/families';
import { readLocated, Weights } from './decoder/weights';
import { writeDecoder } from './decoder/write-decoder';

/** Matrices in blocks, to be used instead of the stored ones. */
export interface MadeWeights {
  /** By transformers' name. */
  readonly tensors: ReadonlyMap<string, BlockMatrix>;
  /** The file that they lie in, where it is not made yet. */
  readonly planned?: PlannedFile;
}

/**
 * Nothing is written to disk: the graph is in memory, and its matrices are bytes of the checkpoint's files.
 * @param path as errors name it
 * @param elsewhere those of the checkpoint's files that are not on this machine: for building views, as if they held zeros
 * @throws EngineError `unsupported-architecture`, `unsupported-checkpoint`
 */
export function openCheckpoint(
  checkpoint: Checkpoint,
  path: string,
  made?: MadeWeights,
  elsewhere: readonly PlannedFile[] = [],
): OnnxFile {
  const absent = new Set(elsewhere.map((file) => file.path));
  const read = (at: Located) => (absent.has(at.file) ? new Uint8Array(at.length) : readLocated(at));
  const weights = new Weights(checkpoint, made?.tensors, read);
  const spec = decoderSpec(checkpoint.config, checkpoint.rotaryInterleaved);
  const bytes = writeDecoder(spec, weights);
  const planned = made?.planned ? [...elsewhere, made.planned] : elsewhere;
  return new OnnxFile(path, new GeneratedFiles(bytes, weights.locations, planned));
}
