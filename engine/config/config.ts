/** What a model says of itself in config.json, or in the genai_config.json of onnxruntime-genai's model builder. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { badInput } from '../protocol';
import { readJson } from './read-file';

export const EosIds = z.union([z.int(), z.array(z.int())]).nullish();

/** One that is too large to count with (1e30) bounds nothing: none, as null is. */
const Count = z.preprocess(
  (value) =>
    typeof value === 'number' && value > Number.MAX_SAFE_INTEGER ? undefined : (value ?? undefined),
  z.int().optional(),
);

/** What GPT-2 and its kin call the sizes that the others' names are used for here. */
const OLDER_NAMES = {
  n_layer: 'num_hidden_layers',
  n_head: 'num_attention_heads',
  n_embd: 'hidden_size',
  n_positions: 'max_position_embeddings',
} as const;

type Keys = Readonly<Record<string, unknown>>;

function isKeys(json: unknown): json is Keys {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function withUsualNames(json: unknown): unknown {
  if (!isKeys(json)) return json;
  const keys = ofText(json);
  const renamed = Object.entries(OLDER_NAMES).flatMap(([older, usual]) =>
    older in keys ? [[usual, keys[older]]] : [],
  );
  return { ...Object.fromEntries(renamed), ...keys };
}

/** Models of text and images whose text part is a model of its own: its keys, with the ids that end the whole's answers. */
function ofText(json: Keys): Keys {
  const { text_config: text, ...whole } = json;
  if (json.model_type !== 'gemma3' || !isKeys(text)) return json;
  return {
    ...whole,
    model_type: 'gemma3_text',
    ...text,
    eos_token_id: whole.eos_token_id ?? text.eos_token_id,
  };
}

export const ModelConfig = z.preprocess(
  withUsualNames,
  z.looseObject({
    model_type: z.string().nullish(),
    eos_token_id: EosIds,
    is_encoder_decoder: z.boolean().nullish(),
    num_hidden_layers: Count,
    num_attention_heads: Count,
    num_key_value_heads: Count,
    head_dim: Count,
    hidden_size: Count,
    max_position_embeddings: Count,
  }),
);
export type ModelConfig = z.infer<typeof ModelConfig>;

export const GenaiConfig = z.looseObject({
  model: z.looseObject({
    type: z.string().nullish(),
    eos_token_id: EosIds,
    context_length: Count,
    decoder: z.looseObject({
      filename: z.string(),
      hidden_size: Count,
      num_attention_heads: Count,
      num_key_value_heads: Count,
      head_size: Count,
      num_hidden_layers: Count,
    }),
  }),
});

const RopeLengths = z.object({
  original_max_position_embeddings: Count,
  rope_scaling: z.object({ rope_type: z.string().optional(), type: z.string().optional() }),
});

/** The length, in tokens, beyond which a model with longrope has other rotary angles; undefined for other models. */
export function originalMaxPositions(config: ModelConfig): number | undefined {
  const parsed = RopeLengths.safeParse(config);
  if (!parsed.success) return undefined;
  const { rope_scaling, original_max_position_embeddings } = parsed.data;
  return (rope_scaling.rope_type ?? rope_scaling.type) === 'longrope'
    ? original_max_position_embeddings
    : undefined;
}

/** @throws EngineError naming the file that is missing or wrong */
export function readConfig(folder: string): ModelConfig {
  const path = join(folder, 'config.json');
  if (existsSync(path) || !isGenaiFolder(folder)) return readJson(path, ModelConfig);
  return fromGenai(readJson(genaiPath(folder), GenaiConfig));
}

/** Whether onnxruntime-genai's model builder wrote this folder. */
export function isGenaiFolder(folder: string): boolean {
  return existsSync(genaiPath(folder));
}

/** The decoder's file, which lies beside genai_config.json. */
export function genaiFile(folder: string): string {
  const { filename } = readJson(genaiPath(folder), GenaiConfig).model.decoder;
  if (basename(filename) === filename && !['', '.', '..'].includes(filename)) return join(folder, filename);
  throw badInput('malformed-json', `${genaiPath(folder)}: "${filename}" is not a file name`);
}

export function fromGenai({ model }: z.infer<typeof GenaiConfig>): ModelConfig {
  const { hidden_size, num_attention_heads, num_key_value_heads, num_hidden_layers } = model.decoder;
  return {
    model_type: model.type,
    eos_token_id: model.eos_token_id,
    max_position_embeddings: model.context_length,
    head_dim: model.decoder.head_size,
    hidden_size,
    num_attention_heads,
    num_key_value_heads,
    num_hidden_layers,
  };
}

function genaiPath(folder: string): string {
  return join(folder, 'genai_config.json');
}
