/** Which prompt tokens a delta is learned from: as transformers' templates and tokenizers tell them (test/reference/scopes.py). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { renderPrompt } from '../../engine/generate/prompt';
import { fitOf } from '../../engine/generate/scope';
import { ChatTemplate } from '../../engine/model/chat-template';
import { readModelFolder } from '../../engine/model/folder';
import { ChatMessage, EngineError, type Prompt, readScope, type Scope } from '../../engine/protocol';
import { Tokenizer } from '../../engine/tokenizer/tokenizer';

const Tokens = z.array(z.int());
const Told = z.object({
  folder: z.string(),
  messages: z.array(ChatMessage),
  ids: Tokens,
  user: Tokens,
  'last-user': Tokens,
  'no-template': Tokens,
  'no-system': Tokens,
});
const told = z
  .array(Told)
  .min(15)
  .parse(JSON.parse(readFileSync(new URL('../fixtures/scopes.json', import.meta.url), 'utf8')));

function openFolder(name: string) {
  const folder = readModelFolder(join(import.meta.dirname, '../exports/fixtures', name), null);
  return { folder, tokenizer: new Tokenizer(folder), template: ChatTemplate.of(folder) };
}

const qwen2 = openFolder('qwen2');
const template = { variables: { date_string: '26 Jul 2024' }, date: '2024-07-26' };

function encoded(model: ReturnType<typeof openFolder>, prompt: Prompt) {
  const text = prompt.kind === 'raw' ? prompt.text : renderPrompt(model.template!, prompt.messages, template);
  return { text, ids: model.tokenizer.encode(text, prompt.kind === 'raw') };
}

/** The tokens that count, by place; the first never does. */
function countingIn(model: ReturnType<typeof openFolder>, prompt: Prompt, scope: Scope) {
  const fit = fitOf(model, { prompt, template, encoded: encoded(model, prompt) }, { scope });
  return fit?.weights.flatMap((weight, i) => (weight > 0 ? [i + 1] : []));
}

function problemOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof EngineError) return `${error.code}: ${error.message} | ${error.hint}`;
    throw error;
  }
  throw new Error('nothing was wrong');
}

describe.each(told)('$folder, $messages.length messages', ({ folder, messages, ids, ...scopes }) => {
  const model = folder === 'qwen2' ? qwen2 : openFolder(folder);
  const prompt: Prompt = { kind: 'chat', messages };

  it.each(['user', 'last-user', 'no-template', 'no-system'] as const)('%s', (kind) => {
    expect(encoded(model, prompt).ids).toEqual(ids);
    expect(countingIn(model, prompt, { kind })).toEqual(scopes[kind].filter((at) => at > 0));
  });
});

const chat: Prompt = { kind: 'chat', messages: [{ role: 'user', content: 'One two three' }] };
const scopeOf = (text: string): Scope => {
  const scope = readScope(text);
  if ('problem' in scope) throw new Error(scope.problem);
  return scope;
};
const count = encoded(qwen2, chat).ids.length;

it('takes tokens by number, with weights, the later of overlapping ranges; those beyond the end are none', () => {
  const weights = (text: string) =>
    fitOf(qwen2, { prompt: chat, template, encoded: encoded(qwen2, chat) }, { scope: scopeOf(text) })!
      .weights;
  expect(weights('tokens:2-4x2,4,6x0.5').slice(0, 6)).toEqual([2, 2, 1, 0, 0.5, 0]);
  expect(weights(`from:${count - 1}`).slice(-3)).toEqual([0, 1, 1]);
  expect(weights(`tokens:1-2,${count}-999999`).flatMap((weight, i) => (weight > 0 ? [i + 2] : []))).toEqual([
    2,
    count,
  ]);
  expect(fitOf(qwen2, { prompt: chat, template, encoded: encoded(qwen2, chat) }, {})).toBeUndefined();
});

it('learns from one half, measures on the other, and says where there are too few', () => {
  const scoped = { prompt: chat, template, encoded: encoded(qwen2, chat) };
  const half = { seed: 5, stopsEarly: false };
  const fit = fitOf(qwen2, scoped, { half })!;
  const counted = (weights: readonly number[]) => weights.filter((weight) => weight > 0).length;
  expect([counted(fit.weights), counted(fit.heldOut!)]).toEqual([
    Math.ceil((count - 1) / 2),
    Math.floor((count - 1) / 2),
  ]);
  expect(fit.weights.map((weight, i) => weight + fit.heldOut![i]!)).toEqual(fit.weights.map(() => 1));
  expect(fitOf(qwen2, scoped, { half: { ...half, seed: 6 } })!.weights).not.toEqual(fit.weights);
  const two = fitOf(qwen2, scoped, { half, scope: scopeOf('tokens:3-4') })!;
  expect([counted(two.weights), counted(two.heldOut!)]).toEqual([1, 1]);
  expect(problemOf(() => fitOf(qwen2, scoped, { half, scope: scopeOf('tokens:3') }))).toBe(
    'scope: a held-out half needs at least 2 tokens, but tokens 3 has 1 that is predicted | Widen the scope, or hold out no half.',
  );
});

it.each([
  [
    chat,
    'tokens:1',
    `no token to learn from in tokens 1 | The prompt has ${count} tokens, and the first is never`,
  ],
  [
    chat,
    `from:${count + 1}`,
    `in token ${count + 1} on | The prompt has ${count} tokens, and the first is never`,
  ],
  [
    { kind: 'chat', messages: [{ role: 'user', content: '' }] },
    'user',
    'no token to learn from in the user turns | Choose another scope, such as whole.',
  ],
  [chat, 'tokens:2-5x0', 'no token to learn from in tokens 2-5x0'],
  [
    { kind: 'raw', text: 'Hi there' },
    'last-user',
    'a raw prompt has no turns, so that its scope cannot be the last',
  ],
] as const)('says in one line why %j has no scope %s', (prompt, scope, expected) => {
  const problem = problemOf(() => countingIn(qwen2, prompt as Prompt, scopeOf(scope)));
  expect(problem).toContain(expected);
  expect(problem).toMatch(/^scope: .*$/);
});

it('refuses a tokenizer that changes the text, as lower-casing ones do', () => {
  const { text, ids } = encoded(qwen2, chat);
  const upper = { prompt: chat, template, encoded: { text: text.toUpperCase(), ids } };
  const problem = problemOf(() => fitOf(qwen2, upper, { scope: { kind: 'user' } }));
  expect(problem).toMatch(/^scope: the tokenizer of qwen2 changes the text, .* from:N or tokens:N-M\.$/);
});

it('refuses a template that does more than put the messages between words of its own', () => {
  const model = {
    ...qwen2,
    template: new ChatTemplate('odd', '{% for m in messages %}{{ m.content | upper }}\n{% endfor %}', {}),
  };
  expect(problemOf(() => countingIn(model, chat, { kind: 'user' }))).toContain('scope: the chat template of');
  expect(problemOf(() => countingIn(model, chat, { kind: 'user' }))).toContain('changes the messages');
});
