/** A GGUF file as a model: its metadata says all that a folder's JSON files would. */
import { readSync } from 'node:fs';
import { MAX_POSITIONS } from '../checkpoint/decoder/families';
import { type GgufCheckpoint, readGguf } from '../checkpoint/gguf/read';
import { partsOf } from '../checkpoint/gguf/split';
import { ggufTokenizer } from '../checkpoint/gguf/tokenizer';
import { openCheckpoint } from '../checkpoint/open';
import { withFile } from '../files/read';
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
  return {
    dtype,
    files: partsOf(file),
    positions: MAX_POSITIONS,
    parts: () => partsIn(checkpoint(), file),
    open: () => openCheckpoint(checkpoint(), file),
  };
}

function partsIn({ config, metadata }: GgufCheckpoint, file: string): ModelParts {
  return { config, ...ggufTokenizer(metadata, file) };
}

/** By its first bytes, whatever it is called: Ollama's files are named by hashes. */
export function isGgufFile(path: string): boolean {
  const start = Buffer.alloc(MAGIC.length);
  try {
    return (
      withFile(path, (file) => readSync(file, start, 0, start.length, 0)) === start.length &&
      start.toString('latin1') === MAGIC
    );
  } catch {
    return false;
  }
}
