/** A GGUF model in one file, or in several that are named `…-00001-of-00003.gguf`. */
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { FileSource } from '../../onnx/source/file-source';
import { badInput } from '../../protocol';
import { type GgufHeader, type GgufTensor, readHeader } from './header';
import type { Metadata } from './metadata';

const PART = /-(\d{5})-of-(\d{5})(\.gguf)$/i;
/** Files of 1 GB would hold a model of 10^12 weights. */
const MAX_PARTS = 1000;

/** All files of the model that `path` is a file of, in order. Only the first holds its metadata. */
export function partsOf(path: string): string[] {
  const [suffix, , total, extension] = PART.exec(path) ?? [];
  if (suffix === undefined || total === undefined) return [path];
  const count = Number(total);
  if (count < 1 || count > MAX_PARTS) {
    throw badInput('malformed-gguf', `${path} would be one of ${count} files; at most ${MAX_PARTS} are read`);
  }
  const stem = join(dirname(path), basename(path).slice(0, -suffix.length));
  return Array.from(
    { length: count },
    (_, i) => `${stem}-${String(i + 1).padStart(5, '0')}-of-${total}${extension}`,
  );
}

/**
 * The tensors of all files with the first one's metadata. Links are followed.
 * @throws EngineError naming the file that is missing, short, malformed or not supported
 */
export function readParts(path: string): GgufHeader {
  const parts = partsOf(path);
  const missing = parts.find((part) => !existsSync(part));
  if (missing !== undefined) {
    throw badInput('missing-file', `${missing} is missing`, 'Get the model again, with all its files.');
  }
  return joined(parts.map(readPart), parts);
}

function readPart(path: string): GgufHeader {
  const file = realpathSync(path);
  const source = new FileSource(file);
  try {
    return readHeader(source, file);
  } finally {
    source.close();
  }
}

/** @param paths the files that `headers` were read from */
export function joined(headers: readonly GgufHeader[], paths: readonly string[]): GgufHeader {
  for (const [i, { metadata }] of headers.entries()) checkPart(metadata, i, headers.length, paths[i]!);
  const byName = new Map<string, GgufTensor>();
  for (const tensor of headers.flatMap(({ tensors }) => tensors)) {
    const other = byName.get(tensor.name);
    if (other) {
      throw badInput('malformed-gguf', `tensor "${tensor.name}" is in ${other.file} and in ${tensor.file}`);
    }
    byName.set(tensor.name, tensor);
  }
  const { metadata } = headers[0]!;
  const said = metadata.count('split.tensors.count') ?? byName.size;
  if (said !== byName.size) {
    throw badInput('malformed-gguf', `${paths[0]} claims ${said} tensors; its files have ${byName.size}`);
  }
  return { metadata, tensors: [...byName.values()] };
}

function checkPart(metadata: Metadata, index: number, count: number, path: string): void {
  const [no, of] = [metadata.count('split.no') ?? index, metadata.count('split.count') ?? count];
  // One file that was joined from several may keep what it was told as the first of them.
  if (of === 0 || (no === index && of === count)) return;
  throw badInput(
    'malformed-gguf',
    `${path} is file ${no + 1} of ${of} by its metadata, and file ${index + 1} of ${count} by its name`,
    'Get all files of the model, under the names that they were given.',
  );
}
