/** A model's small files on the hub, read as its folder's will be once they are here (see `readModelFolder`). */
import type { z } from 'zod';
import { fromGenai, GenaiConfig, ModelConfig } from '../config/config';
import { checkSize, parseJson } from '../config/read-file';
import { ChatTemplate } from '../model/chat-template';
import { checkDecoderOnly } from '../model/folder';
import { chatTemplateOf, GenerationConfig } from '../model/folder-parts';
import { badInput, EngineError } from '../protocol';
import { Templates, TokenizerConfig } from '../tokenizer/tokenizer-config';
import type { HubAnswers } from './connection';
import { CHOOSE_ANOTHER } from './remote-files';
import { fileUrl, type Repo, type RepoFile } from './repo';

interface RemoteConfigs {
  readonly config: ModelConfig;
  readonly template: ChatTemplate | undefined;
  /** Bytes that came over the network. */
  readonly fetched: number;
}

/**
 * tokenizer.json is large: that it is there is all that can be told of it before the download.
 * @param onnx the file to run
 * @throws EngineError where the folder would be refused
 */
export async function readConfigs(hub: HubAnswers, repo: Repo, onnx: RepoFile): Promise<RemoteConfigs> {
  const files = new ConfigFiles(hub, repo);
  const isAtTop = !onnx.path.includes('/');
  const genai =
    isAtTop || !files.has('config.json') ? await files.read('genai_config.json', GenaiConfig) : undefined;
  if (genai && isAtTop && genai.model.decoder.filename !== onnx.path) {
    throw refused('missing-file', `genai_config.json of ${repo.id} does not name ${onnx.path}`);
  }
  const own = await files.read('config.json', ModelConfig);
  const config = own ?? (genai && fromGenai(genai));
  if (!config) throw refused('missing-file', `${repo.id} has no config.json`);
  checkDecoderOnly(config, repo.id);
  const tokenizerConfig = await files.read('tokenizer_config.json', TokenizerConfig);
  await files.read('generation_config.json', GenerationConfig);
  if (!files.has('tokenizer.json')) throw refused('missing-file', `${repo.id} has no tokenizer.json`);
  const source =
    (await files.readText('chat_template.jinja')) ??
    chatTemplateOf(tokenizerConfig ?? {}) ??
    chatTemplateOf((await files.read('chat_template.json', Templates)) ?? {});
  const template =
    source === undefined ? undefined : new ChatTemplate(repo.id, source, tokenizerConfig ?? {});
  return { config, template, fetched: files.fetched };
}

class ConfigFiles {
  fetched = 0;

  constructor(
    private readonly hub: HubAnswers,
    private readonly repo: Repo,
  ) {}

  /** @throws EngineError `oversized-file` */
  has(path: string): boolean {
    const file = this.repo.files.find((each) => each.path === path);
    if (file) checkSize(this.named(path), file.bytes);
    return file !== undefined;
  }

  async readText(path: string): Promise<string | undefined> {
    if (!this.has(path)) return undefined;
    const response = await this.hub.fetch(fileUrl(this.hub, this.repo, path));
    const text = await response.text();
    this.fetched += Buffer.byteLength(text);
    return text;
  }

  async read<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const text = await this.readText(path);
    if (text === undefined) return undefined;
    try {
      return parseJson(text, this.named(path), schema);
    } catch (error) {
      throw error instanceof EngineError ? refused(error.code, error.message) : error;
    }
  }

  private named(path: string): string {
    return `${this.repo.id}/${path}`;
  }
}

function refused(code: string, message: string): EngineError {
  return badInput(code, message, CHOOSE_ANOTHER);
}
