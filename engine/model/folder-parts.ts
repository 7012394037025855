/** What a model's folder says of it in its JSON files, and its chat template. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { EosIds, type ModelConfig, readConfig } from '../config/config';
import { readJson, readText } from '../config/read-file';
import {
  AddedTokensFile,
  SpecialTokensMap,
  Templates,
  TokenizerConfig,
  type TokenizerFiles,
} from '../tokenizer/tokenizer-config';
import { TokenizerJson } from '../tokenizer/tokenizer-json';

export const GenerationConfig = z.looseObject({ eos_token_id: EosIds });

/** What a run needs beside the graph. */
export interface ModelParts {
  readonly config: ModelConfig;
  readonly eosTokenIds: readonly number[];
  readonly tokenizer: TokenizerFiles;
  /** The default chat template's source, if the model has one. */
  readonly chatTemplate: string | undefined;
}

/** @throws EngineError naming the file that is missing or wrong */
export function readFolderParts(path: string): ModelParts {
  const config = readConfig(path);
  const tokenizer = readTokenizer(path, config.model_type);
  const generation = readOptionalJson(join(path, 'generation_config.json'), GenerationConfig);
  return {
    config,
    eosTokenIds: [...new Set([generation?.eos_token_id, config.eos_token_id].flatMap((ids) => ids ?? []))],
    tokenizer,
    chatTemplate: readChatTemplate(path, tokenizer.config),
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
