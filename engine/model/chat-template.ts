/** The model's chat template: messages to the prompt's text. */
import { Template } from '@huggingface/jinja';
import { badInput, type ChatMessage } from '../protocol';
import type { ModelFolder, TokenizerConfig } from './folder';

export class ChatTemplate {
  private readonly template: Template;
  private readonly specialTokens: Record<string, string>;

  constructor(
    private readonly path: string,
    source: string,
    config: TokenizerConfig,
  ) {
    this.specialTokens = specialTokens(config);
    try {
      this.template = new Template(source);
    } catch (error) {
      throw badInput('chat-template', `the chat template of ${path} cannot be parsed: ${firstLine(error)}`);
    }
  }

  static of(folder: ModelFolder): ChatTemplate | undefined {
    if (folder.chatTemplate === undefined) return undefined;
    return new ChatTemplate(folder.path, folder.chatTemplate, folder.tokenizerConfig);
  }

  /** The prompt up to where the assistant's answer begins. */
  render(messages: readonly ChatMessage[], addGenerationPrompt = true): string {
    try {
      return this.template.render({
        messages,
        add_generation_prompt: addGenerationPrompt,
        ...this.specialTokens,
      });
    } catch (error) {
      throw badInput(
        'chat-template',
        `the chat template of ${this.path} refuses these messages: ${firstLine(error)}`,
        'Some templates allow no system message; leave it empty, or use the prompt as raw text.',
      );
    }
  }

  /** What the template writes after an assistant's turn; '' when it cannot be told. */
  turnEnd(): string {
    const marker = 'slot-studio-turn';
    try {
      const messages: ChatMessage[] = [
        { role: 'user', content: 'x' },
        { role: 'assistant', content: marker },
      ];
      return this.render(messages, false).split(marker)[1]?.trim() ?? '';
    } catch {
      return '';
    }
  }
}

function specialTokens(config: TokenizerConfig): Record<string, string> {
  const tokens: Record<string, string> = {};
  for (const name of ['bos_token', 'eos_token', 'unk_token', 'pad_token'] as const) {
    const token = config[name];
    if (token) tokens[name] = typeof token === 'string' ? token : token.content;
  }
  return tokens;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
