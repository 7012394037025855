/** The model's chat template: messages to the prompt's text. */
import { Template } from '@huggingface/jinja';
import { badInput, type ChatMessage, EngineError, type TemplateVariables } from '../protocol';
import { type ModelFolder, SPECIAL_TOKENS, type TokenizerConfig } from './folder';
import { withinTime } from './time-limit';

export interface Rendering {
  /** Up to where the assistant's answer begins; true unless said otherwise. */
  readonly addGenerationPrompt?: boolean;
  readonly variables?: TemplateVariables;
  /** The day that a template may write into its system message; the present unless said otherwise. */
  readonly now?: Date;
}

/** What is always given to a template, and no variable can be. */
const OURS = ['messages', 'add_generation_prompt'];

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
      // As jinja2 reads it, whatever the system that wrote the file ends its lines with.
      const lines = source.replaceAll(/\r\n?/g, '\n');
      this.template = this.timed(() => new Template(lines));
    } catch (error) {
      if (error instanceof EngineError) throw error;
      throw badInput('chat-template', `the chat template of ${path} cannot be parsed: ${firstLine(error)}`);
    }
  }

  static of(folder: ModelFolder): ChatTemplate | undefined {
    if (folder.chatTemplate === undefined) return undefined;
    return new ChatTemplate(folder.path, folder.chatTemplate, folder.tokenizerConfig);
  }

  /**
   * The prompt's text.
   * @throws EngineError `chat-template` where the template refuses the messages, `template-variable` for a name of ours
   */
  render(messages: readonly ChatMessage[], rendering: Rendering = {}): string {
    const { addGenerationPrompt = true, variables = {} } = rendering;
    const taken = OURS.find((name) => Object.hasOwn(variables, name));
    if (taken) {
      throw badInput(
        'template-variable',
        `${taken} is not for a template variable to set`,
        'Choose another name.',
      );
    }
    try {
      // As transformers calls it: templates ask whether tools and documents are none, or whether they are defined.
      const names = {
        tools: null,
        documents: null,
        ...this.specialTokens,
        ...variables,
        messages,
        add_generation_prompt: addGenerationPrompt,
      };
      return this.timed(() => this.template.render(names));
    } catch (error) {
      if (error instanceof EngineError) throw error;
      throw badInput(
        'chat-template',
        `the chat template of ${this.path} refuses these messages: ${firstLine(error)}`,
        messages.some(({ role }) => role === 'system')
          ? 'Some templates allow no system message; leave it empty, or use the prompt as raw text.'
          : 'Use the prompt as raw text, or put a working chat_template.jinja into the folder.',
      );
    }
  }

  /** The names that the template reads and does not set itself, other than ours and the special tokens: what variables may set. */
  variables(): string[] {
    const read = new Set<string>();
    const set = new Set([
      ...OURS,
      'raise_exception',
      'strftime_now',
      'namespace',
      'range',
      'loop',
      'dict',
      ...SPECIAL_TOKENS,
    ]);
    const visit = (node: unknown, key = ''): void => {
      if (Array.isArray(node)) {
        for (const each of node) visit(each, key);
        return;
      }
      if (typeof node !== 'object' || node === null) return;
      if ('type' in node && node.type === 'Identifier' && 'value' in node) {
        const isSet = key === 'assignee' || key === 'loopvar';
        if (isSet) set.add(String(node.value));
        else if (!['filter', 'test', 'operator'].includes(key)) read.add(String(node.value));
      }
      const isNamed = 'computed' in node && node.computed === false;
      for (const [name, child] of Object.entries(node)) {
        if (!(isNamed && name === 'property')) visit(child, name);
      }
    };
    visit(this.template.parsed);
    return [...read].filter((name) => !set.has(name)).sort();
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
      return this.render(messages, { addGenerationPrompt: false }).split(marker)[1]?.trim() ?? '';
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
