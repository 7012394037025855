/** A folder with config.json and safetensors, in one file or in shards, as transformers saves it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type ModelConfig, readConfig } from '../../config/config';
import { readJson } from '../../config/read-file';
import { checkFetched } from '../../files/fetched';
import { statOf } from '../../files/read';
import { FileSource } from '../../onnx/source/file-source';
import { badInput } from '../../protocol';
import type { Checkpoint, StoredTensor } from '../checkpoint';
import { readHeader, type SafetensorsHeader } from './header';

const SINGLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';
/** In the index's own folder, on every system. */
const SHARD = /^[^/\\:\0]+\.safetensors$/;
/** Files of 1 GB would hold a model of 10^12 weights. */
const MAX_SHARDS = 1000;

const Index = z.looseObject({ weight_map: z.record(z.string(), z.string().max(255)) });

/** Whether a file is one of a checkpoint's, by the names that transformers gives them. */
export function isSafetensorsName(name: string): boolean {
  return name === SINGLE || name === INDEX || /^model-\d{5}-of-\d{5}\.safetensors$/.test(name);
}

/** Whether these names are all that a checkpoint has; @returns the one that is read first. */
export function mainSafetensors(names: readonly string[]): string | undefined {
  return [SINGLE, INDEX].find((name) => names.includes(name));
}

/** The files that hold a folder's weights; undefined where it is no checkpoint in safetensors. */
export function safetensorsFiles(folder: string): string[] | undefined {
  // A link that leads nowhere is named when it is opened.
  if (statOf(join(folder, SINGLE))) return [join(folder, SINGLE)];
  const index = join(folder, INDEX);
  if (!existsSync(index)) return undefined;
  const names = new Set(Object.values(readJson(index, Index).weight_map));
  if (names.size > MAX_SHARDS) {
    throw badInput('malformed-json', `${index} names ${names.size} files; at most ${MAX_SHARDS} are read`);
  }
  return [...names].map((file) => shard(index, file));
}

function shard(index: string, file: string): string {
  if (!SHARD.test(file)) {
    throw badInput('malformed-json', `${index}: "${file}" is not a file name of safetensors`);
  }
  return join(index, '..', file);
}

/** @throws EngineError naming the file that is missing, short or malformed, or the quantisation that is not read */
export function readSafetensors(folder: string): Checkpoint {
  const config = readConfig(folder);
  const files = safetensorsFiles(folder) ?? [];
  if (files.length === 0) {
    throw badInput(
      'missing-file',
      `${join(folder, SINGLE)} is missing`,
      'Give a folder with all files of a checkpoint.',
    );
  }
  return safetensorsOf(config, files.map(readFile), folder);
}

/** What headers say, wherever they come from. @param path for messages */
export function safetensorsOf(
  config: ModelConfig,
  headers: readonly SafetensorsHeader[],
  path: string,
): Checkpoint {
  checkUnquantised(config, path);
  const tensors = new Map<string, StoredTensor>();
  const unread = new Map<string, string>();
  const nameOf = 'vision_config' in config ? textName : (name: string) => name;
  for (const header of headers) {
    for (const tensor of header.tensors) {
      const name = nameOf(tensor.name);
      if (name === undefined) continue;
      if (tensors.has(name)) {
        throw badInput('malformed-safetensors', `tensor "${tensor.name}" is in two files of ${path}`);
      }
      tensors.set(name, { ...tensor, name });
    }
    for (const [stored, type] of header.others) {
      const name = nameOf(stored);
      if (name !== undefined) unread.set(name, type);
    }
  }
  return {
    format: 'safetensors',
    config,
    tensors,
    unread,
    rotaryInterleaved: false,
    normsIncludeOne: false,
  };
}

/** What turns images into tokens' embeddings, in a model whose text part is a model of its own. */
const OF_IMAGES = /^(model\.)?(vision_tower|multi_modal_projector)\./;
/** Before the text part's names, in what is on the hub, and in what newer versions of transformers write. */
const OF_TEXT: readonly (readonly [RegExp, string])[] = [
  [/^language_model\.(?=model\.|lm_head\.)/, ''],
  [/^model\.language_model\./, 'model.'],
];

/** The name that a tensor has in a model of text alone; undefined where it is none of the text part's. */
function textName(name: string): string | undefined {
  if (OF_IMAGES.test(name)) return undefined;
  return OF_TEXT.reduce((text, [prefix, own]) => text.replace(prefix, own), name);
}

const Quantisation = z.looseObject({ quant_method: z.string().max(100).catch('an unknown method') });

/** @throws EngineError `unsupported-checkpoint` */
function checkUnquantised(config: ModelConfig, path: string): void {
  const quantisation = Quantisation.safeParse(config.quantization_config);
  if (!quantisation.success) return;
  throw badInput(
    'unsupported-checkpoint',
    `${path} holds weights quantised by ${quantisation.data.quant_method}, which are not read`,
    'Use the unquantised checkpoint, or a GGUF file of the model.',
  );
}

function readFile(path: string) {
  checkFetched(path);
  const source = new FileSource(path);
  try {
    return readHeader(source, path);
  } finally {
    source.close();
  }
}
