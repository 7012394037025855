/** Where one dtype of a model comes from. */
import type { Checkpoint } from '../checkpoint/checkpoint';
import type { MadeWeights } from '../checkpoint/open';
import type { Scheme } from '../checkpoint/prepare/scheme';
import type { OnnxFile } from '../onnx/source/onnx-file';
import type { ModelParts } from './folder-parts';

/** What has to be made once of a checkpoint's weights. */
export interface Preparation {
  readonly checkpoint: Checkpoint;
  readonly scheme: Scheme;
}

export interface GraphSource {
  readonly dtype: string;
  /** What it is made of, on the user's disk. */
  readonly files: readonly string[];
  /** The longest sequence that its graph is written for, in tokens; undefined: as config.json says. */
  readonly positions?: number;
  /** What the model says of itself, where it is not for the folder's JSON files to say. */
  readonly parts?: () => ModelParts;
  /** Whether its layers are on another machine, and only the head is here. */
  readonly isHeadAlone?: boolean;
  /** The dtype whose weights this one rounds; undefined where it holds them as they are. */
  readonly roundedFrom?: string;
  /** Undefined where it opens as it is. @throws as `open` */
  preparation(): Preparation | undefined;
  /** @param made of its preparation @throws EngineError naming what is missing, broken or not supported */
  open(made?: MadeWeights): OnnxFile;
}
