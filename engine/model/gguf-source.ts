/** A GGUF file as a model: its metadata says all that a folder's JSON files would. */
import { accessSync, constants, readSync } from 'node:fs';
import type { Checkpoint } from '../checkpoint/checkpoint';
import { type GgufCheckpoint, readGguf } from '../checkpoint/gguf/read';
import { partsOf } from '../checkpoint/gguf/split';
import { ggufTokenizer } from '../checkpoint/gguf/tokenizer';
import { isBlockType, type Scheme } from '../checkpoint/prepare/scheme';
import { checkFetched } from '../files/fetched';
import { statOf, withFile } from '../files/read';
import { badInput } from '../protocol';
import { checkpointSource } from './checkpoint-source';
import type { ModelParts } from './folder-parts';
import { ggufFiles } from './gguf-files';
import type { GraphSource } from './graph-source';

const MAGIC = 'GGUF';

/** @param path a folder or a file */
export function ggufSources(path: string): GraphSource[] {
  return [...ggufFiles(path)].map(([dtype, file]) => ggufSource(dtype, file));
}

function ggufSource(dtype: string, file: string): GraphSource {
  let read: GgufCheckpoint | undefined;
  const checkpoint = () => {
    read ??= readGguf(file);
    return read;
  };
  const source = checkpointSource(dtype, {
    path: file,
    files: partsOf(file),
    read: checkpoint,
    schemeOf: ggufScheme,
  });
  return { ...source, parts: () => ggufParts(checkpoint(), file) };
}

/** How a GGUF is prepared; undefined where its weights are plain floats. */
export function ggufScheme({ tensors }: Checkpoint): Scheme | undefined {
  return [...tensors.values()].some(({ type }) => isBlockType(type)) ? 'repack' : undefined;
}

/** @param file for messages */
export function ggufParts({ config, metadata }: GgufCheckpoint, file: string): ModelParts {
  return { config, ...ggufTokenizer(metadata, file) };
}

/** By its first bytes, whatever it is called: Ollama's files are named by hashes. */
export function isGgufFile(path: string): boolean {
  const start = Buffer.alloc(MAGIC.length);
  try {
    withFile(path, (file) => readSync(file, start, 0, start.length, 0));
    return start.toString('latin1') === MAGIC;
  } catch {
    return false;
  }
}

/** @throws EngineError that says why a path, of no folder, is no GGUF file */
export function checkGgufFile(path: string): void {
  if (isGgufFile(path)) return;
  if (statOf(path)) {
    checkFetched(path);
    checkReadable(path);
  }
  if (statOf(path)?.isFile() && /\.gguf$/i.test(path)) {
    throw badInput(
      'malformed-gguf',
      `${path} is no GGUF file: it does not begin as one`,
      'Get the file again.',
    );
  }
  throw badInput(
    'no-folder',
    statOf(path) ? `${path} is neither a folder nor a GGUF file` : `${path} is not there`,
    'Give the folder that holds config.json, a .gguf file, or a hub id: organisation/name.',
  );
}

function checkReadable(path: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch {
    throw badInput('unreadable-file', `${path} may not be read`, 'Change its permissions.');
  }
}
