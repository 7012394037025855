/** Where one dtype of a model comes from. */
import type { OnnxFile } from '../onnx/source/onnx-file';
import type { ModelParts } from './folder-parts';

export interface GraphSource {
  readonly dtype: string;
  /** What its weights are mapped from. */
  readonly files: readonly string[];
  /** The longest sequence that its graph is written for, in tokens; undefined: as config.json says. */
  readonly positions?: number;
  /** What the model says of itself, where it is not for the folder's JSON files to say. */
  readonly parts?: () => ModelParts;
  /** @throws EngineError naming what is missing, broken or not supported */
  open(): OnnxFile;
}
