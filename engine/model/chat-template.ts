/** The model's chat template: messages to the prompt's text. */

import { TemplateError, Unsupported } from '../jinja/errors';
import { Template } from '../jinja/template';
import { withinTime } from '../limits/time-limit';
import { badInput, type ChatMessage, EngineError, type TemplateVariables } from '../protocol';
import { SPECIAL_TOKENS, type TokenizerConfig } from '../tokenizer/tokenizer-config';
import type { ModelFolder } from './folder';

interface Rendering {
  /** Up to where the assistant's answer begins; true unless said otherwise. */
  readonly addGenerationPrompt?: boolean;
  readonly variables?: TemplateVariables;
  /** The day that a template may write into its system message; the present unless said otherwise. */
  readonly now?: Date;
}

/** What is always given to a template, and no variable can be. */
const OURS = ['messages', 'add_generation_prompt'];

const INSTEAD = 'Use the prompt as raw text, or put a working chat_template.jinja into the folder.';
const WITHOUT_SYSTEM =
  'Some templates allow no system message; leave it empty, or use the prompt as raw text.';

const QUESTION: ChatMessage = { role: 'user', content: 'x' };
/** Conversations to try a template with, the most important first. */
const PROBES: readonly (readonly [what: string, messages: readonly ChatMessage[]])[] = [
  ['a question', [QUESTION]],
  ['a question after an answer', [QUESTION, { role: 'assistant', content: 'y' }, QUESTION]],
  ['a system message', [{ role: 'system', content: 's' }, QUESTION]],
];

/** The longest excerpt of a template's own error message, in characters. */
const MAX_REASON = 300;

/** Templates take milliseconds; one that takes this long would take for ever. */
const MAX_MS = 2000;

export class ChatTemplate {
  private parsed: Template | undefined;
  private readonly specialTokens: Record<string, string>;

  constructor(
    private readonly path: string,
    private readonly source: string,
    config: TokenizerConfig,
  ) {
    this.specialTokens = specialTokens(config);
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
    const { addGenerationPrompt = true, variables = {}, now = new Date() } = rendering;
    const taken = OURS.find((name) => Object.hasOwn(variables, name));
    if (taken) {
      throw badInput(
        'template-variable',
        `${taken} is not for a template variable to set`,
        'Choose another name.',
      );
    }
    const template = this.parse();
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
      return this.timed(() => template.render(names, now));
    } catch (error) {
      const hasSystem = messages.some(({ role }) => role === 'system');
      throw this.refusal(error, 'refuses these messages', hasSystem ? WITHOUT_SYSTEM : INSTEAD);
    }
  }

  /** Only when it is needed: a model whose template is broken still runs raw text. */
  private parse(): Template {
    try {
      this.parsed ??= this.timed(() => new Template(this.source));
      return this.parsed;
    } catch (error) {
      throw this.refusal(error, 'cannot be parsed', INSTEAD);
    }
  }

  /** Which of these conversations it refuses, found by rendering them; null if it accepts all. */
  refuses(): string | null {
    for (const [what, messages] of PROBES) {
      try {
        this.render(messages);
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        const reason = error.message.slice(this.name.length + 1);
        return reason.replace('refuses these messages', `refuses ${what}`);
      }
    }
    return null;
  }

  private get name(): string {
    return `the chat template of ${this.path}`;
  }

  /** What went wrong, in one line. */
  private refusal(error: unknown, what: string, hint: string): unknown {
    const template = this.name;
    if (error instanceof Unsupported) {
      return badInput(
        'chat-template',
        `${template} uses ${clipped(error.construct)}, which is not supported`,
        INSTEAD,
      );
    }
    if (error instanceof TemplateError)
      return badInput('chat-template', `${template} ${what}: ${clipped(error.message)}`, hint);
    if (error instanceof RangeError)
      return badInput('chat-template', `${template} is nested too deeply`, INSTEAD);
    return error;
  }

  /**
   * The names that the template reads and does not set itself, other than ours and the special tokens: what variables
   * may set. None of a template that cannot be parsed.
   */
  variables(): string[] {
    const given: readonly string[] = [...OURS, ...SPECIAL_TOKENS];
    try {
      return this.parse()
        .names()
        .filter((name) => !given.includes(name))
        .sort();
    } catch {
      return [];
    }
  }

  private timed<T>(work: () => T): T {
    return withinTime(MAX_MS, work, () =>
      badInput(
        'chat-template',
        `the chat template of ${this.path} did not come to an end within ${MAX_MS / 1000} s`,
        INSTEAD,
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

/** One line, whatever the template itself says. */
function clipped(text: string): string {
  const [line = ''] = text.split('\n', 1);
  return line.length > MAX_REASON ? `${line.slice(0, MAX_REASON)}…` : line;
}
