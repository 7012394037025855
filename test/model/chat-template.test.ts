/** Chat templates: messages to the prompt's text, the end of a turn, and refusals in one line. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ChatTemplate } from '../../engine/model/chat-template';
import { readModelFolder } from '../../engine/model/folder';
import { inspectFolder } from '../../engine/model/inspect';
import type { ChatMessage } from '../../engine/protocol';
import { STARTER_FOLDER, writeDecoder } from '../../fixtures/decoder';
import { temporaryFolder } from '../../fixtures/runs';

const of = (source: string, config = {}) => new ChatTemplate('model', source, config);
const system: ChatMessage = { role: 'system', content: 'Think.' };
const user: ChatMessage = { role: 'user', content: 'How many?' };
const assistant: ChatMessage = { role: 'assistant', content: 'Eight.' };

/** As Llama 2, Gemma and Mistral write theirs, shortened. */
const BRACKETS =
  "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}" +
  "{% if m['role'] == 'user' %}{{ '[INST] ' + m['content'] | trim + ' [/INST]' }}{% else %}{{ ' ' + m['content'] + eos_token }}{% endif %}{% endfor %}";

describe('ChatML', () => {
  const template = ChatTemplate.of(readModelFolder(STARTER_FOLDER, null))!;

  it('writes one message, a system message, several turns', () => {
    expect(template.render([user])).toBe('<|im_start|>user\nHow many?<|im_end|>\n<|im_start|>assistant\n');
    expect(template.render([system, user, assistant, { role: 'user', content: 'Sure?' }])).toBe(
      '<|im_start|>system\nThink.<|im_end|>\n<|im_start|>user\nHow many?<|im_end|>\n' +
        '<|im_start|>assistant\nEight.<|im_end|>\n<|im_start|>user\nSure?<|im_end|>\n<|im_start|>assistant\n',
    );
  });

  it('ends a turn with <|im_end|>', () => {
    expect(template.turnEnd()).toBe('<|im_end|>');
  });
});

describe('a template of brackets', () => {
  const template = of(BRACKETS, { bos_token: '<s>', eos_token: { content: '</s>' } });

  it('has the special tokens by name, as text or as object', () => {
    expect(template.render([user, assistant, user])).toBe(
      '<s>[INST] How many? [/INST] Eight.</s>[INST] How many? [/INST]',
    );
    expect(template.turnEnd()).toBe('</s>');
  });

  it('may refuse messages, in one line that says why', () => {
    expect(() => template.render([system, user])).toThrow(
      expect.objectContaining({
        name: 'EngineError',
        kind: 'input',
        code: 'chat-template',
        message: expect.stringMatching(/^[^\n]*System role not supported[^\n]*$/),
        hint: expect.stringContaining('system message'),
      }),
    );
    expect(() => of(BRACKETS.replaceAll("'system'", "'user'")).render([user])).toThrow(
      expect.objectContaining({ hint: expect.not.stringContaining('system message') }),
    );
  });
});

describe('variables', () => {
  const template = of(
    '{% if enable_thinking is defined %}{{ enable_thinking }}{% endif %}{% set x = day %}{{ x }}{% for m in messages %}{{ m.role }}{% endfor %}',
  );

  it('are what a template reads and neither sets nor is given', () => {
    expect(template.variables()).toEqual(['day', 'enable_thinking']);
  });

  it('are read by their names', () => {
    expect(template.render([user], { variables: { day: 'Monday' } })).toBe('Mondayuser');
    expect(template.render([user], { variables: { enable_thinking: 5 } })).toBe('5user');
  });

  it('cannot stand for the messages', () => {
    expect(() => template.render([user], { variables: { messages: [] } })).toThrow(
      expect.objectContaining({ kind: 'input', code: 'template-variable' }),
    );
  });
});

it.each(['\r\n', '\r'])('a template with lines ended by %j writes \\n alone', (newline) => {
  const source = ['{% for m in messages %}', '{{ m.content }}', '', 'x{% endfor %}'];
  expect(of(source.join(newline)).render([user])).toBe('How many?\n\nx');
});

describe('what a template refuses is known before a run', () => {
  it.each([
    ['{{ messages[0].content }}', null],
    [BRACKETS, 'refuses a system message: System role not supported'],
    ["{{ raise_exception('no') if messages | length > 1 }}", 'refuses a question after an answer: no'],
    ['{% for m in messages %}', /^cannot be parsed: the template ends where endfor or else was expected/],
    ["{{ 'x' | pprint }}", "uses the filter 'pprint', which is not supported"],
    ["{% include 'x' %}", 'uses the tag {% include %}, which is not supported'],
    ['{{ functions.x }}', "refuses a question: 'functions' is undefined"],
  ])('%s', (source, refusal) => {
    const known = of(source, { eos_token: '</s>' }).refuses();
    if (refusal === null) expect(known).toBeNull();
    else expect(known).toMatch(refusal);
  });

  it('in one short line, whatever it says itself', () => {
    const known = of("{{ raise_exception('no\\n' ~ 'x' * 9999) }}{{ 1 }}").refuses();
    expect(known).toBe('refuses a question: no');
    expect(of("{{ raise_exception('x' * 9999) }}").refuses()).toMatch(/: x{300}…$/);
  });

  it('and is on the card', () => {
    const folder = writeDecoder(join(temporaryFolder(), 'broken'), { layers: 1 }).folder;
    writeFileSync(join(folder, 'chat_template.jinja'), '{% for message in messages %}');
    const card = inspectFolder(folder, null, { source: 'folder', model: folder, name: 'broken' });
    const templateRefusal = expect.stringMatching(/^cannot be parsed/);
    expect(card).toMatchObject({ refusal: null, hasChatTemplate: true, templateRefusal });
  });
});

describe('a turn end', () => {
  it.each([
    ['a template that refuses assistants', "{{ raise_exception('no') }}"],
    [
      'a template that writes nothing after an answer',
      "{% for m in messages %}{{ m['content'] }}{% endfor %}",
    ],
  ])('of %s cannot be told', (_, source) => {
    expect(of(source).turnEnd()).toBe('');
  });
});

describe('a folder', () => {
  const folder = temporaryFolder();
  const fresh = (name: string) => writeDecoder(join(folder, name), { layers: 1 }).folder;
  const rendered = (path: string) => ChatTemplate.of(readModelFolder(path, null))?.render([user]);

  it('may keep its template in chat_template.jinja, which wins', () => {
    const path = fresh('jinja');
    writeFileSync(join(path, 'chat_template.jinja'), "J: {{ messages[0]['content'] }}");
    expect(rendered(path)).toBe('J: How many?');
  });

  it('may have several, of which "default" is taken', () => {
    const path = fresh('several');
    const templates = [
      { name: 'tool_use', template: 'T' },
      { name: 'default', template: 'D' },
    ];
    writeFileSync(join(path, 'tokenizer_config.json'), JSON.stringify({ chat_template: templates }));
    expect(rendered(path)).toBe('D');
  });

  it('may have several without a default, of which the first is taken', () => {
    const path = fresh('unnamed');
    const templates = ['rag', 'tool_use'].map((name) => ({ name, template: name }));
    writeFileSync(join(path, 'tokenizer_config.json'), JSON.stringify({ chat_template: templates }));
    expect(rendered(path)).toBe('rag');
  });

  it('may keep it in chat_template.json, which comes last', () => {
    const path = fresh('json');
    writeFileSync(join(path, 'tokenizer_config.json'), '{}');
    writeFileSync(join(path, 'chat_template.json'), JSON.stringify({ chat_template: 'P' }));
    expect(rendered(path)).toBe('P');
    writeFileSync(join(path, 'tokenizer_config.json'), JSON.stringify({ chat_template: 'T' }));
    expect(rendered(path)).toBe('T');
  });

  it('may have one by itself', () => {
    const path = fresh('one');
    writeFileSync(join(path, 'tokenizer_config.json'), JSON.stringify({ chat_template: 'T' }));
    expect(rendered(path)).toBe('T');
  });

  it.each([{}, { chat_template: null }, { chat_template: [] }])('may have none: %j', (config) => {
    const path = fresh('none');
    writeFileSync(join(path, 'tokenizer_config.json'), JSON.stringify(config));
    expect(rendered(path)).toBeUndefined();
  });
});
