/** A model folder: where its graph and its weights come from, and what its JSON says. */
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { EosIds, type ModelConfig, readConfig } from '../config/config';
import { readJson, readText } from '../config/read-file';
import { isFolder } from '../files/read';
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
import { type GraphSource, graphSources, preferredDtype } from './graph-sources';

export const GenerationConfig = z.looseObject({ eos_token_id: EosIds });

export interface ModelFolder {
  readonly path: string;
  readonly id: string;
  readonly dtype: string;
  readonly dtypes: readonly string[];
  readonly source: GraphSource;
  readonly config: ModelConfig;
  /** In tokens; undefined where nothing says. */
  readonly contextLength: number | undefined;
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
  const sources = graphSources(path);
  const source = chooseSource(path, sources, dtype);
  const config = readConfig(path);
  checkDecoderOnly(config, path);
  const tokenizer = readTokenizer(path, config.model_type);
  const { config: tokenizerConfig } = tokenizerSettings(tokenizer);
  const generation = readOptionalJson(join(path, 'generation_config.json'), GenerationConfig);
  return {
    path,
    id,
    dtype: source.dtype,
    dtypes: sources.map((each) => each.dtype),
    source,
    contextLength: smaller(config.max_position_embeddings, source.positions),
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

function smaller(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

function chooseSource(path: string, sources: readonly GraphSource[], asked: string | null): GraphSource {
  const dtypes = sources.map(({ dtype }) => dtype);
  const wanted = asked ?? preferredDtype(dtypes);
  const source = sources.find(({ dtype }) => dtype === wanted);
  if (source) return source;
  throw badInput('no-dtype', `${path} has no dtype "${wanted}"`, `It has: ${dtypes.join(', ')}.`);
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
