/** Where a folder's models come from: ONNX files, or a checkpoint whose decoder is written when it is opened. */
import { existsSync, statSync } from 'node:fs';
import { totalmem } from 'node:os';
import { MAX_POSITIONS } from '../checkpoint/decoder/families';
import { openCheckpoint } from '../checkpoint/open';
import type { Scheme } from '../checkpoint/prepare/scheme';
import { headFiles, isHeadAlone, readHeadAlone } from '../checkpoint/safetensors/head-alone';
import { readSafetensors, safetensorsFiles } from '../checkpoint/safetensors/read';
import { isFolder } from '../files/read';
import { OnnxFile } from '../onnx/source/onnx-file';
import { badInput } from '../protocol';
import { checkpointSource } from './checkpoint-source';
import { ggufSources } from './gguf-source';
import type { GraphSource } from './graph-source';
import { hintForFolder } from './no-model';
import { onnxFiles, weightFiles } from './onnx-files';

/** Weights in safetensors, as they are. */
export const SAFETENSORS_DTYPE = 'safetensors';

/** Weights in safetensors, made once into blocks of 8 bits. */
const IN_8_BITS = `${SAFETENSORS_DTYPE}_q8`;

/**
 * Of ONNX files those closest to the original weights, then the checkpoint itself; of GGUF files, those that cost no
 * more than they keep.
 */
const PREFERRED_DTYPES = [
  'fp32',
  'fp16',
  'q8',
  'int8',
  'uint8',
  'q4',
  'q4f16',
  SAFETENSORS_DTYPE,
  'Q8_0',
  'Q6_K',
  'Q5_K_M',
  'Q4_K_M',
  'F16',
  'BF16',
  'F32',
];

/** The default dtype. */
export function preferredDtype(dtypes: readonly string[]): string | undefined {
  return PREFERRED_DTYPES.find((dtype) => dtypes.includes(dtype)) ?? dtypes[0];
}

/** Of things with a dtype the one that is asked for, in whatever case: `q4_k_m` as `Q4_K_M`. */
export function withDtype<T extends { readonly dtype: string }>(
  all: readonly T[],
  asked: string,
): T | undefined {
  const folded = asked.toLowerCase();
  return all.find(({ dtype }) => dtype === asked) ?? all.find(({ dtype }) => dtype.toLowerCase() === folded);
}

/** As they are, 16-bit weights take twice their size; more of it than this share of the memory leaves none for a run. */
const MAX_SHARE = 0.6;

/** What opens where no dtype is asked for. */
export function preferredSource(sources: readonly GraphSource[]): GraphSource | undefined {
  const wanted = preferredDtype(sources.map(({ dtype }) => dtype));
  const source = sources.find(({ dtype }) => dtype === wanted);
  const isTooLarge = wanted === SAFETENSORS_DTYPE && 2 * bytesOnDisk(source!.files) > MAX_SHARE * totalmem();
  return isTooLarge ? (sources.find(({ dtype }) => dtype === IN_8_BITS) ?? source) : source;
}

/** Files that are missing, or links that lead nowhere, count nothing. */
export function bytesOnDisk(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + (existsSync(file) ? statSync(file).size : 0), 0);
}

/** By names alone: nothing is opened. @throws EngineError `no-model` where there is none */
export function graphSources(path: string): GraphSource[] {
  const sources = sourcesIn(path);
  if (sources.length > 0) return sources;
  throw badInput(
    'no-model',
    `${path} holds neither onnx/model.onnx, model.safetensors nor a .gguf file`,
    hintForFolder(path, (folder) => sourcesIn(folder).length > 0),
  );
}

function sourcesIn(path: string): GraphSource[] {
  return [...onnxSources(path), ...safetensorsSources(path), ...headSources(path), ...ggufSources(path)];
}

function onnxSources(path: string): GraphSource[] {
  return [...onnxFiles(path)].map(([dtype, onnx]) => ({
    dtype,
    files: weightFiles(onnx),
    preparation: () => undefined,
    open: () => new OnnxFile(onnx),
  }));
}

/** As it is, and in blocks that are made once. */
function safetensorsSources(path: string): GraphSource[] {
  const files = isFolder(path) ? safetensorsFiles(path) : undefined;
  if (!files) return [];
  const read = () => readSafetensors(path);
  const rounded = (dtype: string, scheme: Scheme): GraphSource => ({
    ...checkpointSource(dtype, { path, files, read, schemeOf: () => scheme }),
    roundedFrom: SAFETENSORS_DTYPE,
  });
  return [
    checkpointSource(SAFETENSORS_DTYPE, { path, files, read, schemeOf: () => undefined }),
    rounded(IN_8_BITS, 'q8'),
    rounded(`${SAFETENSORS_DTYPE}_q4`, 'q4'),
  ];
}

function headSources(path: string): GraphSource[] {
  if (!isFolder(path) || !isHeadAlone(path)) return [];
  const open = () => {
    const { checkpoint, planned } = readHeadAlone(path);
    return openCheckpoint(checkpoint, path, undefined, [planned]);
  };
  const files = Object.values(headFiles(path));
  const positions = MAX_POSITIONS;
  return [
    { dtype: SAFETENSORS_DTYPE, files, positions, isHeadAlone: true, preparation: () => undefined, open },
  ];
}
