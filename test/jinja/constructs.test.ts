/** Every construct of jinja2 that templates use: transformers' text, its refusal, or ours that names the construct. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { ChatTemplate } from '../../engine/model/chat-template';
import { EngineError } from '../../engine/protocol';
import { GIVEN } from './constructs';
import { NOW } from './conversations';

const Fixtures = z.array(
  z.object({ template: z.string(), text: z.string().optional(), error: z.string().optional() }),
);
const fixtures = Fixtures.parse(JSON.parse(readFileSync(new URL('fixtures.json', import.meta.url), 'utf8')));

/** What jinja2 renders and this does not. */
const REFUSED = ['{{ 1 is sameas 1 }}'];

function render(source: string): string {
  const { messages, addGenerationPrompt, variables } = GIVEN;
  return new ChatTemplate('model', source, {}).render(messages, { addGenerationPrompt, variables, now: NOW });
}

it.each(fixtures)('$template', ({ template, text }) => {
  if (text !== undefined && !REFUSED.includes(template)) expect(render(template)).toBe(text);
  else expect(() => render(template)).toThrow(EngineError);
});

it.each(REFUSED)('%s is refused by name', (template) => {
  expect(() => render(template)).toThrow(/uses .+, which is not supported$/);
});
