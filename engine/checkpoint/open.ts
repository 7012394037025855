/** A checkpoint as the ONNX model that is written for it. */
import { GeneratedFiles } from '../onnx/source/generated-files';
import { OnnxFile } from '../onnx/source/onnx-file';
import type { BlockMatrix, Checkpoint } from './checkpoint';
import { decoderSpec } from './decoder/families';
import { Weights } from './decoder/weights';
import { writeDecoder } from './decoder/write-decoder';

/**
 * Nothing is written to disk: the graph is in memory, and its matrices are bytes of the checkpoint's files.
 * @param path as errors name it @param prepared matrices in blocks, by name, to be used instead of the stored ones
 * @throws EngineError `unsupported-architecture`, `unsupported-checkpoint`
 */
export function openCheckpoint(
  checkpoint: Checkpoint,
  path: string,
  prepared?: ReadonlyMap<string, BlockMatrix>,
): OnnxFile {
  const weights = new Weights(checkpoint, prepared);
  const spec = decoderSpec(checkpoint.config, checkpoint.rotaryInterleaved);
  const bytes = writeDecoder(spec, weights);
  return new OnnxFile(path, new GeneratedFiles(bytes, weights.locations));
}
