/** What a template may read by name: what transformers gives each, the day, and what no variable can stand for. */
import { expect, it } from 'vitest';
import { ChatTemplate } from '../../engine/model/chat-template';
import type { ChatMessage } from '../../engine/protocol';

const of = (source: string, config = {}) => new ChatTemplate('model', source, config);
const user: ChatMessage = { role: 'user', content: 'How many?' };

it('tools and documents are there, and none', () => {
  expect(of('{{ tools is none }} {{ documents is none }} {{ tools is defined }}').render([user])).toBe(
    'True True True',
  );
});

it('a special token that is not there is not defined, and a variable may stand for one', () => {
  const template = of('{{ bos_token is defined }}{{ eos_token }}', { bos_token: null, eos_token: '</s>' });
  expect(template.render([user])).toBe('False</s>');
  expect(template.render([user], { variables: { eos_token: '!' } })).toBe('False!');
});

it('an answer is asked for unless it is said otherwise', () => {
  const template = of('{{ add_generation_prompt }}');
  expect(template.render([user])).toBe('True');
  expect(template.render([user], { addGenerationPrompt: false })).toBe('False');
});

it('the day is the one that is given, and today without', () => {
  const template = of("{{ strftime_now('%Y-%m-%d') }}");
  expect(template.render([user], { now: new Date('2024-07-26T12:00:00') })).toBe('2024-07-26');
  const [before, told, after] = [new Date(), template.render([user]), new Date()];
  const day = (date: Date) => [date.getFullYear(), date.getMonth() + 1, date.getDate()].join('-');
  const plain = told.replaceAll('-0', '-');
  expect([day(before), day(after)]).toContain(plain);
});

it.each(['messages', 'add_generation_prompt'])('%s is not for a variable to set', (name) => {
  const render = () => of('x').render([user], { variables: { [name]: 'x' } });
  expect(render).toThrow(
    expect.objectContaining({ code: 'template-variable', message: expect.stringContaining(name) }),
  );
});

it('no variable is one that is given already, and a template that cannot be parsed has none', () => {
  const given = '{{ bos_token }}{{ eos_token }}{{ messages }}{{ add_generation_prompt }}{{ b }}{{ a }}';
  expect(of(given).variables()).toEqual(['a', 'b']);
  expect(of('{% for a in b %}').variables()).toEqual([]);
});

it('a template that calls itself without end is refused in one line', () => {
  const template = of('{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}');
  expect(() => template.render([user])).toThrow(
    expect.objectContaining({ kind: 'input', code: 'chat-template', message: expect.stringMatching(/^.+$/) }),
  );
  expect(template.turnEnd()).toBe('');
});

it('a turn ends with what stands behind it, without the space around that', () => {
  const chat = "{% for m in messages %}{{ m['content'] }} <end>\n{% endfor %}";
  expect(of(chat).turnEnd()).toBe('<end>');
  expect(of(`${chat}{% if add_generation_prompt %}A:{% endif %}`).turnEnd()).toBe('<end>');
});

it('what it is refused for is told without its name, which whoever asks knows', () => {
  const refused = of("{{ raise_exception('only one') if messages | length > 1 }}");
  expect(refused.refuses()).toBe('refuses a question after an answer: only one');
  const long = of(`{{ raise_exception('${'x'.repeat(300)}') }}`);
  expect(long.refuses()).toBe(`refuses a question: ${'x'.repeat(300)}`);
});
