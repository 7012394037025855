/** A lane's scope in a prompt: how much the prediction of each of its tokens counts, and which half is held out. */
import { findTurns, type Stretch, type Turns } from '../model/turns';
import {
  badInput,
  type ChatMessage,
  describeScope,
  type Learning,
  type Prompt,
  type Scope,
  type TemplateSettings,
} from '../protocol';
import { inHalves } from '../slot/halves';
import type { Fit } from '../slot/objective';
import { tokenSpans } from '../tokenizer/token-spans';
import type { LanguageModel } from './language-model';
import { BETWEEN_MESSAGES, type EncodedPrompt, renderPrompt } from './prompt';

/** A prompt as it was written, and as the model reads it. */
export interface ScopedPrompt {
  readonly prompt: Prompt;
  readonly template: TemplateSettings;
  readonly encoded: EncodedPrompt;
}

/** What of a model makes text and ids of a prompt. */
type Reading = Pick<LanguageModel, 'tokenizer' | 'template' | 'folder'>;
type ScopeSettings = Pick<Learning, 'scope' | 'half'>;

/**
 * @returns undefined for the whole prompt and for one with nothing to predict
 * @throws EngineError `scope` where no token is in it, or it cannot be told which are
 */
export function fitOf(model: Reading, scoped: ScopedPrompt, { scope, half }: ScopeSettings): Fit | undefined {
  const { ids } = scoped.encoded;
  if (ids.length < 2 || (!half && (scope ?? WHOLE).kind === 'whole')) return undefined;
  // The first token is never predicted: weight i is that of token i + 1.
  const weights = tokenWeights(model, scoped, scope ?? WHOLE).slice(1);
  const counting = weights.filter((weight) => weight > 0).length;
  const where = describeScope(scope ?? WHOLE);
  if (counting === 0)
    throw badInput(
      'scope',
      `there is no token to learn from in ${where}`,
      hintOf(scope ?? WHOLE, ids.length),
    );
  if (!half) return { weights };
  if (counting < 2) {
    const message = `a held-out half needs at least 2 tokens, but ${where} has ${counting} that is predicted`;
    throw badInput('scope', message, 'Widen the scope, or hold out no half.');
  }
  return inHalves(weights, half.seed);
}

const WHOLE: Scope = { kind: 'whole' };

function hintOf(scope: Scope, tokens: number): string {
  const isByNumber = scope.kind === 'from' || scope.kind === 'tokens';
  if (isByNumber)
    return `The prompt has ${tokens} tokens, and the first is never predicted: name some of 2 to ${tokens}.`;
  return 'Choose another scope, such as whole.';
}

/** [ids] how much each token counts, by whether it lies in the scope. */
function tokenWeights(model: Reading, scoped: ScopedPrompt, scope: Scope): number[] {
  const { ids } = scoped.encoded;
  switch (scope.kind) {
    case 'whole':
      return ids.map(() => 1);
    case 'from':
      return ids.map((_, at) => (at >= scope.first ? 1 : 0));
    case 'tokens': {
      const weights = ids.map(() => 0);
      for (const { first, last, weight } of scope.ranges) weights.fill(weight, first, last + 1);
      return weights;
    }
    default:
      return turnWeights(model, scoped, scope.kind);
  }
}

type TurnScope = 'user' | 'last-user' | 'no-template' | 'no-system';

function turnWeights(model: Reading, { prompt, template, encoded }: ScopedPrompt, kind: TurnScope): number[] {
  if (prompt.kind === 'raw') {
    const message = `a raw prompt has no turns, so that its scope cannot be ${describeScope({ kind })}`;
    throw badInput('scope', message, 'Choose whole, from:N or tokens:N-M, or ask in chat form.');
  }
  const spans = tokenSpans(model.tokenizer, encoded.text, encoded.ids);
  if (!spans) {
    const message = `the tokenizer of ${model.folder.id} changes the text, so that it cannot be told which tokens are whose`;
    throw badInput('scope', message, BY_NUMBER);
  }
  const turns = turnsOf(model, prompt.messages, template, encoded.text);
  if (!turns) {
    const message = `the chat template of ${model.folder.id} changes the messages, so that it cannot be told which tokens are whose`;
    throw badInput('scope', message, BY_NUMBER);
  }
  const byteOf = (unit: number) => Buffer.byteLength(encoded.text.slice(0, unit));
  const [stretches, isInside] = stretchesOf(turns, kind);
  const inBytes = stretches.map(({ start, end }) => ({ start: byteOf(start), end: byteOf(end) }));
  // A token that is partly in a message is that message's.
  return spans.map((span) =>
    inBytes.some(({ start, end }) => span.start < end && span.end > start) === isInside ? 1 : 0,
  );
}

const BY_NUMBER = 'Choose whole, from:N or tokens:N-M.';

/** Whether tokens inside those stretches are in the scope, or those outside. */
function stretchesOf({ contents, system }: Turns, kind: TurnScope): [readonly Stretch[], boolean] {
  const users = contents.filter(({ role }) => role === 'user');
  switch (kind) {
    case 'user':
      return [users, true];
    case 'last-user':
      return [users.slice(-1), true];
    case 'no-template':
      return [contents, true];
    case 'no-system':
      return [system ? [system] : [], false];
  }
}

function turnsOf(
  { template }: Reading,
  messages: readonly ChatMessage[],
  settings: TemplateSettings,
  text: string,
): Turns | undefined {
  if (!template)
    return findTurns((each) => each.map(({ content }) => content).join(BETWEEN_MESSAGES), messages, text);
  const render = (each: readonly ChatMessage[], addGenerationPrompt: boolean) =>
    renderPrompt(template, each, settings, addGenerationPrompt);
  return findTurns(render, messages, text);
}
