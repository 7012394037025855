/** The ONNX files of a folder in the layout of the onnx-community or of onnxruntime-genai. */
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { genaiFile, isGenaiFolder } from '../config/config';
import { isFolder } from '../files/read';

/** Weights of a dtype are in `model_<suffix>.onnx`; this is transformers.js's naming. */
const SUFFIXES: ReadonlyMap<string, string> = new Map([
  ['fp32', ''],
  ['fp16', '_fp16'],
  ['q8', '_quantized'],
]);
/** onnxruntime-genai's folders hold one model, whose name tells nothing of its weights. */
export const GENAI_DTYPE = 'genai';

/**
 * dtype → file, for every `model*.onnx` in `onnx/` or, failing that, in the folder itself; there,
 * genai_config.json names the file.
 */
export function onnxFiles(path: string): Map<string, string> {
  for (const folder of [join(path, 'onnx'), path]) {
    if (!isFolder(folder)) continue;
    if (folder === path && isGenaiFolder(path)) return new Map([[GENAI_DTYPE, genaiFile(path)]]);
    const found = new Map<string, string>();
    for (const file of readdirSync(folder).sort()) {
      const dtype = dtypeOf(file);
      if (dtype !== undefined) found.set(dtype, join(folder, file));
    }
    if (found.size > 0) return found;
  }
  return new Map();
}

/** The dtype that a file name stands for; undefined where it is none of a decoder's ONNX files. */
export function dtypeOf(file: string): string | undefined {
  const name = /^(?:decoder_)?model(?:_merged)?(_\w+)?\.onnx$/.exec(file);
  if (!name) return undefined;
  const suffix = name[1] ?? '';
  for (const [dtype, known] of SUFFIXES) if (known === suffix) return dtype;
  return suffix.slice(1);
}

/** An ONNX file and its external data. */
export function weightFiles(onnxPath: string): string[] {
  const folder = dirname(onnxPath);
  const data = readdirSync(folder).filter((file) => isDataOf(basename(onnxPath), file));
  return [onnxPath, ...data.sort().map((file) => join(folder, file))];
}

/** Whether `file` holds external data of `onnxFile`, by its name: `model.onnx_data`, `_data_1`, `model.onnx.data`. */
export function isDataOf(onnxFile: string, file: string): boolean {
  return file.startsWith(onnxFile) && /^[._]data(_\d+)?$/.test(file.slice(onnxFile.length));
}
