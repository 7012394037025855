/** Where a folder's models come from: ONNX files, or a checkpoint whose decoder is written when it is opened. */
import { MAX_POSITIONS } from '../checkpoint/decoder/families';
import { openCheckpoint } from '../checkpoint/open';
import { readSafetensors, safetensorsFiles } from '../checkpoint/safetensors/read';
import { isFolder } from '../files/read';
import { OnnxFile } from '../onnx/source/onnx-file';
import { badInput } from '../protocol';
import { onnxFiles, weightFiles } from './onnx-files';

/** One dtype of a model. */
export interface GraphSource {
  readonly dtype: string;
  /** What its weights are mapped from. */
  readonly files: readonly string[];
  /** The longest sequence that its graph is written for, in tokens; undefined: as config.json says. */
  readonly positions?: number;
  /** @throws EngineError naming what is missing, broken or not supported */
  open(): OnnxFile;
}

/** Weights in safetensors, as they are. */
export const SAFETENSORS_DTYPE = 'safetensors';

/** Closest to the original weights first. */
const PREFERRED_DTYPES = ['fp32', SAFETENSORS_DTYPE, 'fp16', 'q8', 'int8', 'uint8', 'q4', 'q4f16'];

/** The default dtype. */
export function preferredDtype(dtypes: readonly string[]): string | undefined {
  return PREFERRED_DTYPES.find((dtype) => dtypes.includes(dtype)) ?? dtypes[0];
}

/** By names alone: nothing is opened. @throws EngineError `no-model` where there is none */
export function graphSources(path: string): GraphSource[] {
  const sources = [...onnxSources(path), ...safetensorsSources(path)];
  if (sources.length > 0) return sources;
  throw badInput(
    'no-model',
    `${path} holds neither onnx/model.onnx nor model.safetensors`,
    'Give a folder in the onnx-community layout (config.json, tokenizer.json, onnx/model*.onnx) or a checkpoint of transformers.',
  );
}

function onnxSources(path: string): GraphSource[] {
  return [...onnxFiles(path)].map(([dtype, onnx]) => ({
    dtype,
    files: weightFiles(onnx),
    open: () => new OnnxFile(onnx),
  }));
}

function safetensorsSources(path: string): GraphSource[] {
  const files = isFolder(path) ? safetensorsFiles(path) : undefined;
  if (!files) return [];
  const positions = MAX_POSITIONS;
  return [
    { dtype: SAFETENSORS_DTYPE, files, positions, open: () => openCheckpoint(readSafetensors(path), path) },
  ];
}
