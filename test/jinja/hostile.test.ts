/** Templates come with a download: what they take is bounded, and what jinja2's sandbox forbids is not to be had. */
import { expect, it } from 'vitest';
import { ChatTemplate } from '../../engine/model/chat-template';
import { EngineError } from '../../engine/protocol';

const render = (source: string) =>
  new ChatTemplate('model', source, {}).render([{ role: 'user', content: 'x' }]);

it.each([
  ["{{ 'x' * 10 ** 9 }}", 'too much'],
  ['{{ [1] * 10 ** 9 }}', 'too much'],
  ["{{ 'x'.ljust(10 ** 9) }}", 'too much'],
  ["{{ '%999999999s' % 1 }}", 'too much'],
  ["{{ '{:999999999}'.format(1) }}", 'too much'],
  ["{{ 'x' | indent(10 ** 9) }}", 'too much'],
  ['{{ [1] | tojson(indent=10 ** 9) }}', 'too much'],
  ["{{ ('a' * 100000).replace('', 'b' * 100000) }}", 'too much'],
  [
    "{% set n = namespace(x='ab') %}{% for i in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}",
    'too much',
  ],
  [
    "{% set n = namespace(x='ab') %}{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
    'too much',
  ],
  [
    '{% set n = namespace(x=[1]) %}{% for i in range(99) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x }}',
    'too much',
  ],
  ['{% set n = namespace(x=2) %}{% for i in range(99) %}{% set n.x = n.x * n.x %}{% endfor %}', 'too large'],
  ['{{ 9 ** (9 ** 9) }}', 'too large'],
  [
    '{% set r = range(99999) %}{% for a in r %}{% for b in r %}{% endfor %}{% endfor %}',
    /too much|to an end/,
  ],
  ['{{ range(10 ** 9) }}', 'Range too big'],
  ['{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}', 'nested too deeply'],
  [`{{ ${'('.repeat(50_000)}1${')'.repeat(50_000)} }}`, 'nested too deeply'],
  ['{% if 1 %}'.repeat(20_000) + '{% endif %}'.repeat(20_000), 'nested too deeply'],
])('hostile template %# is stopped', (source, reason) => {
  expect(() => render(source)).toThrow(
    expect.objectContaining({ code: 'chat-template', message: expect.stringMatching(reason) }),
  );
});

it.each([
  'messages.constructor',
  'messages.__proto__',
  'messages[0].__proto__',
  'messages[0].hasOwnProperty',
  '"".constructor',
  'range.constructor',
  'range.call',
  'loop.constructor',
  'namespace().constructor',
  '(1).toString',
  'toString',
  'globalThis',
  'process',
])('%s is nothing', (expression) => {
  expect(render(`{% for loop_item in [1] %}{{ ${expression} }}{% endfor %}`)).toBe('');
  expect(() => render(`{{ (${expression})() }}`)).toThrow(EngineError);
});

it.each(['messages.append(1)', 'messages[0].update({})', '"".__class__.__mro__', 'range.__globals__["x"]'])(
  '%s is refused',
  (expression) => {
    expect(() => render(`{{ ${expression} }}`)).toThrow(/refuses these messages: .*is unsafe/);
  },
);
