/** From what the user wrote to the ids the model reads. */
import type { ChatTemplate } from '../model/chat-template';
import { badInput, type ChatMessage, type Prompt, type TemplateSettings } from '../protocol';
import type { LanguageModel } from './language-model';

/** What of a model a prompt goes through. */
type Encoder = Pick<LanguageModel, 'folder' | 'template' | 'tokenizer' | 'head' | 'room' | 'limitOf'>;

export interface EncodedPrompt {
  /** The text that was tokenised: with a template, its rendering. */
  readonly text: string;
  readonly ids: readonly number[];
  readonly notice?: { readonly code: string; readonly message: string };
}

/** In a chat with a model that has no template. */
export const BETWEEN_MESSAGES = '\n\n';

/** @throws EngineError for a prompt that is empty or longer than the model's context */
export function encodePrompt(model: Encoder, prompt: Prompt, settings: TemplateSettings): EncodedPrompt {
  const isEmpty = prompt.kind === 'chat' && prompt.messages.at(-1)?.content.trim() === '';
  if (isEmpty) throw emptyPrompt();
  const encoded = encode(model, prompt, settings);
  if (encoded.ids.length === 0 && prompt.kind === 'chat' && model.template) {
    throw badInput(
      'chat-template',
      `the chat template of ${model.folder.path} writes nothing for these messages`,
      'Use the prompt as raw text, or put a working chat_template.jinja into the folder.',
    );
  }
  return checked(model, encoded);
}

/**
 * What the model reads besides a chat's own words: its messages with the user's turns emptied.
 * @returns undefined for a raw prompt or a model without template
 * @throws as `encodePrompt`
 */
export function encodeTemplate(
  model: Encoder,
  prompt: Prompt,
  settings: TemplateSettings,
): EncodedPrompt | undefined {
  if (prompt.kind === 'raw' || !model.template) return undefined;
  return checked(model, encode(model, withoutWords(prompt), settings));
}

/** With the user's turns emptied. */
export function withoutWords(prompt: Prompt): Prompt {
  if (prompt.kind === 'raw') return prompt;
  const messages = prompt.messages.map((message) =>
    message.role === 'user' ? { ...message, content: '' } : message,
  );
  return { kind: 'chat', messages };
}

function checked(model: Encoder, encoded: EncodedPrompt): EncodedPrompt {
  if (encoded.ids.length === 0) throw emptyPrompt();
  const tokens = encoded.ids.length;
  if (model.room(tokens) < 1) {
    throw badInput(
      'prompt-too-long',
      `the prompt has ${tokens} tokens, but ${model.limitOf(tokens)} with the answer`,
      'Shorten the prompt, or open a model with a longer context.',
    );
  }
  const unknown = encoded.ids.find((id) => id >= model.head.vocab);
  if (unknown !== undefined) {
    throw badInput(
      'tokenizer-mismatch',
      `tokenizer.json gives token ${unknown}, but the model knows ${model.head.vocab} tokens`,
      'The tokenizer belongs to another model, or lacks its tokenizer_config.json: download the model again, with all its files.',
    );
  }
  return encoded;
}

function encode(
  { template, tokenizer, folder }: Encoder,
  prompt: Prompt,
  settings: TemplateSettings,
): EncodedPrompt {
  if (prompt.kind === 'raw') {
    if (prompt.text === '') throw emptyPrompt();
    return { text: prompt.text, ids: tokenizer.encode(prompt.text, true) };
  }
  if (template) {
    const text = renderPrompt(template, prompt.messages, settings);
    return { text, ids: tokenizer.encode(text, false) };
  }
  const text = prompt.messages.map(({ content }) => content).join(BETWEEN_MESSAGES);
  const message = `${folder.id} has no chat template: the prompt is given to it as raw text`;
  return { text, ids: tokenizer.encode(text, true), notice: { code: 'no-chat-template', message } };
}

export function renderPrompt(
  template: ChatTemplate,
  messages: readonly ChatMessage[],
  { variables, date }: TemplateSettings,
  addGenerationPrompt = true,
): string {
  // Noon, so that it is this day wherever the machine stands.
  const now = date === null ? new Date() : new Date(`${date}T12:00:00`);
  return template.render(messages, { variables, now, addGenerationPrompt });
}

function emptyPrompt() {
  return badInput('empty-prompt', 'the prompt is empty', 'Write what the model should answer.');
}
