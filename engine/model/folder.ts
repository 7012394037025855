/** A model on disk, a folder or a GGUF file: where its graph and its weights come from, and what it says of itself. */
import { basename, resolve } from 'node:path';
import type { ModelConfig } from '../config/config';
import { isFolder } from '../files/read';
import { badInput } from '../protocol';
import { type TokenizerConfig, tokenizerSettings } from '../tokenizer/tokenizer-config';
import { type ModelParts, readFolderParts } from './folder-parts';
import { checkGgufFile } from './gguf-source';
import type { GraphSource } from './graph-source';
import { graphSources, preferredSource, withDtype } from './graph-sources';

export interface ModelFolder extends ModelParts {
  /** Of the folder, or of the GGUF file. */
  readonly path: string;
  readonly id: string;
  readonly dtype: string;
  readonly dtypes: readonly string[];
  readonly source: GraphSource;
  /** In tokens; undefined where nothing says. */
  readonly contextLength: number | undefined;
  /** With the special tokens that transformers takes from elsewhere. */
  readonly tokenizerConfig: TokenizerConfig;
}

/** @throws EngineError naming the file that is missing or wrong. */
export function readModelFolder(folder: string, dtype: string | null, id = basename(folder)): ModelFolder {
  const path = resolve(folder);
  if (!isFolder(path)) checkGgufFile(path);
  const sources = graphSources(path);
  const source = chooseSource(path, sources, dtype);
  const parts = source.parts?.() ?? readFolderParts(path);
  checkDecoderOnly(parts.config, path);
  return {
    ...parts,
    path,
    id,
    dtype: source.dtype,
    dtypes: sources.map((each) => each.dtype),
    source,
    contextLength: smaller(parts.config.max_position_embeddings, source.positions),
    tokenizerConfig: tokenizerSettings(parts.tokenizer).config,
  };
}

/** @throws EngineError `encoder-decoder` */
export function checkDecoderOnly(config: ModelConfig, name: string): void {
  if (!config.is_encoder_decoder) return;
  throw badInput(
    'encoder-decoder',
    `${name} is an encoder-decoder model`,
    'SLOT needs a decoder-only model.',
  );
}

function smaller(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

function chooseSource(path: string, sources: readonly GraphSource[], asked: string | null): GraphSource {
  const dtypes = sources.map(({ dtype }) => dtype);
  const source = asked ? withDtype(sources, asked) : preferredSource(sources);
  if (source) return source;
  throw badInput('no-dtype', `${path} has no dtype "${asked}"`, `It has: ${dtypes.join(', ')}.`);
}
