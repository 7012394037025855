/** The model's chat template: messages to the prompt's text. */
import { Template } from '@huggingface/jinja';
import { badInput, type ChatMessage, EngineError } from '../protocol';
import { type ModelFolder, SPECIAL_TOKENS, type TokenizerConfig } from './folder';
import { withinTime } from './time-limit';

/** Templates take milliseconds; one that takes this long has a loop without an end, which allocates as it goes. */
const LONGEST_MS = 2000;

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
      this.template = this.timed(() => new Template(source));
    } catch (error) {
      if (error instanceof EngineError) throw error;
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
      // As transformers calls it: templates ask whether tools and documents are none, or whether they are defined.
      const names = {
        messages,
        tools: null,
        documents: null,
        add_generation_prompt: addGenerationPrompt,
        ...this.specialTokens,
      };
      return this.timed(() => this.template.render(names));
    } catch (error) {
      if (error instanceof EngineError) throw error;
      throw badInput(
        'chat-template',
        `the chat template of ${this.path} refuses these messages: ${firstLine(error)}`,
        'Some templates allow no system message; leave it empty, or use the prompt as raw text.',
      );
    }
  }

  private timed<T>(work: () => T): T {
    return withinTime(LONGEST_MS, work, () =>
      badInput(
        'chat-template',
        `the chat template of ${this.path} did not come to an end within ${LONGEST_MS / 1000} s`,
        'Use the prompt as raw text, or put a working chat_template.jinja into the folder.',
      ),
    );
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
  for (const name of SPECIAL_TOKENS) {
    const token = config[name];
    if (token) tokens[name] = typeof token === 'string' ? token : token.content;
  }
  return tokens;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
