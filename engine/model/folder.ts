/** A model folder, of the onnx-community or onnxruntime-genai: which files lie where, and what their JSON says. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { EosIds, genaiFile, isGenaiFolder, type ModelConfig, readConfig } from '../config/config';
import { readJson, readText } from '../config/read-file';
import { badInput } from '../protocol';
import {
  AddedTokensFile,
  SpecialTokensMap,
  Templates,
  TokenizerConfig,
  type TokenizerFiles,
  tokenizerSettings,
} from '../tokenizer/tokenizer-config';
import { TokenizerJson } from '../tokenizer/tokenizer-json';

/** Weights of a dtype are in `model_<suffix>.onnx`; this is transformers.js's naming. */
const SUFFIXES: ReadonlyMap<string, string> = new Map([
  ['fp32', ''],
  ['fp16', '_fp16'],
  ['q8', '_quantized'],
]);
/** Closest to the original weights first. */
const PREFERRED_DTYPES = ['fp32', 'fp16', 'q8', 'int8', 'uint8', 'q4', 'q4f16'];
/** onnxruntime-genai's folders hold one model, whose name tells nothing of its weights. */
export const GENAI_DTYPE = 'genai';

export const GenerationConfig = z.looseObject({ eos_token_id: EosIds });

export interface ModelFolder {
  readonly path: string;
  readonly id: string;
  readonly dtype: string;
  readonly dtypes: readonly string[];
  readonly onnxPath: string;
  readonly config: ModelConfig;
  readonly eosTokenIds: readonly number[];
  readonly tokenizer: TokenizerFiles;
  /** With the special tokens that transformers takes from elsewhere. */
  readonly tokenizerConfig: TokenizerConfig;
  /** The default chat template's source, if the model has one. */
  readonly chatTemplate: string | undefined;
}

/** @throws EngineError naming the file that is missing or wrong. */
export function readModelFolder(folder: string, dtype: string | null, id = basename(folder)): ModelFolder {
  const path = resolve(folder);
  if (!isFolder(path)) {
    throw badInput(
      'no-folder',
      `${path} is not a folder`,
      'Give the folder that holds config.json, or a hub id: organisation/name.',
    );
  }
  const files = onnxFiles(path);
  const chosen = chooseDtype(path, files, dtype);
  const config = readConfig(path);
  checkDecoderOnly(config, path);
  const tokenizer = readTokenizer(path, config.model_type);
  const { config: tokenizerConfig } = tokenizerSettings(tokenizer);
  const generation = readOptionalJson(join(path, 'generation_config.json'), GenerationConfig);
  return {
    path,
    id,
    dtype: chosen,
    dtypes: [...files.keys()],
    onnxPath: files.get(chosen)!,
    config,
    eosTokenIds: [...new Set([generation?.eos_token_id, config.eos_token_id].flatMap((ids) => ids ?? []))],
    tokenizer,
    tokenizerConfig,
    chatTemplate: readChatTemplate(path, tokenizerConfig),
  };
}

/** The files that make a folder's tokenizer. @param modelType config.json's, for folders that name no tokenizer class */
export function readTokenizer(path: string, modelType: ModelConfig['model_type']): TokenizerFiles {
  return {
    json: readJson(join(path, 'tokenizer.json'), TokenizerJson),
    config: readOptionalJson(join(path, 'tokenizer_config.json'), TokenizerConfig) ?? {},
    specialTokens: readOptionalJson(join(path, 'special_tokens_map.json'), SpecialTokensMap),
    addedTokens: readOptionalJson(join(path, 'added_tokens.json'), AddedTokensFile),
    modelType,
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

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

/**
 * dtype → file, for every `model*.onnx` in `onnx/` or, failing that, in the folder itself; there,
 * genai_config.json names the file.
 * @throws EngineError `no-onnx`
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
  throw badInput(
    'no-onnx',
    `${path} holds no onnx/model.onnx`,
    'Give a model folder in the onnx-community layout: config.json, tokenizer.json and onnx/model*.onnx.',
  );
}

/** The dtype that a file name stands for; undefined where it is none of a decoder's ONNX files. */
export function dtypeOf(file: string): string | undefined {
  const name = /^(?:decoder_)?model(?:_merged)?(_\w+)?\.onnx$/.exec(file);
  if (!name) return undefined;
  const suffix = name[1] ?? '';
  for (const [dtype, known] of SUFFIXES) if (known === suffix) return dtype;
  return suffix.slice(1);
}

/** The default dtype. */
export function preferredDtype(dtypes: readonly string[]): string | undefined {
  return PREFERRED_DTYPES.find((dtype) => dtypes.includes(dtype)) ?? dtypes[0];
}

function chooseDtype(path: string, files: ReadonlyMap<string, string>, asked: string | null): string {
  if (asked && !files.has(asked)) {
    throw badInput('no-dtype', `${path} has no dtype "${asked}"`, `It has: ${[...files.keys()].join(', ')}.`);
  }
  return asked ?? preferredDtype([...files.keys()])!;
}

/** In the order in which transformers looks; its processors, but no tokenizer, once had a chat_template.json. */
function readChatTemplate(path: string, config: TokenizerConfig): string | undefined {
  const file = join(path, 'chat_template.jinja');
  if (existsSync(file)) return readText(file);
  return (
    chatTemplateOf(config) ??
    chatTemplateOf(readOptionalJson(join(path, 'chat_template.json'), Templates) ?? {})
  );
}

/** The default template in tokenizer_config.json or chat_template.json. */
export function chatTemplateOf({ chat_template: template }: z.infer<typeof Templates>): string | undefined {
  if (typeof template === 'string' || !template) return template ?? undefined;
  return (template.find(({ name }) => name === 'default') ?? template[0])?.template;
}

function readOptionalJson<T>(path: string, schema: z.ZodType<T>): T | undefined {
  return existsSync(path) ? readJson(path, schema) : undefined;
}
