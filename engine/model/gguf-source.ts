/** A GGUF file as a model: its metadata says all that a folder's JSON files would. */
import { readSync } from 'node:fs';
import type { Checkpoint } from '../checkpoint/checkpoint';
import { type GgufCheckpoint, readGguf } from '../checkpoint/gguf/read';
import { partsOf } from '../checkpoint/gguf/split';
import { ggufTokenizer } from '../checkpoint/gguf/tokenizer';
import { isBlockType, type Scheme } from '../checkpoint/prepare/scheme';
import { withFile } from '../files/read';
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
