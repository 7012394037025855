/** GGUF files by their names: which quantisation each holds, and which belong to one model. */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isFolder } from '../files/read';

/** What a file's name says of its weights, at its end: `Q4_K_M`, `IQ2_XS`, `F16`. */
const LABEL = /(?:^|[-._ ])((?:I?Q\d|TQ\d|MXFP\d)\w*|B?F16|F32)$/i;
const PART = /-(\d{5})-of-\d{5}$/;
/** Of a name that says nothing. */
const UNNAMED = 'gguf';
const MAX_NAME = 40;

/** Projectors of images and sound lie beside the models that they belong to; llama.cpp's cache puts their repository first. */
const PROJECTOR = /(?:^|[-._ ])mmproj/i;

/** dtype → file, of a folder with GGUF files; of a file itself. */
export function ggufFiles(path: string): Map<string, string> {
  if (!isFolder(path)) return new Map([[ggufDtype(path), path]]);
  return new Map([...ggufNames(readdirSync(path))].map(([dtype, name]) => [dtype, join(path, name)]));
}

/** dtype → name of the file that holds it, or of its first part. */
export function ggufNames(names: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of names.filter(isModelFile).sort()) {
    const dtype = ggufDtype(name);
    found.set(found.has(dtype) ? wholeName(name) : dtype, name);
  }
  return found;
}

/** Whether two files are parts of one model, by their names. */
export function isSameModel(a: string, b: string): boolean {
  return stemOf(a).replace(PART, '') === stemOf(b).replace(PART, '');
}

/** Whether a file is a model, or the first part of one, by its name. */
export function isModelFile(name: string): boolean {
  if (!/\.gguf$/i.test(name) || PROJECTOR.test(name)) return false;
  return (PART.exec(stemOf(name))?.[1] ?? '00001') === '00001';
}

/** As files are named: `Q4_K_M`. */
function ggufDtype(path: string): string {
  return LABEL.exec(modelName(path))?.[1]?.toUpperCase() ?? UNNAMED;
}

/** A file's name without what every GGUF's ends with, and which part it is. */
export function modelName(path: string): string {
  return stemOf(path).replace(PART, '');
}

function stemOf(path: string): string {
  return basename(path).replace(/\.gguf$/i, '');
}

function wholeName(name: string): string {
  return modelName(name).replace(/\W/g, '_').slice(-MAX_NAME);
}
