/** Chat templates changed in their own grammar: statements and expressions dropped, doubled, swapped, or made hostile. */
import { mutateBytes } from './mutate-bytes';
import type { Random } from './random';

export function mutateTemplate(template: string, random: Random): Uint8Array {
  const parts = template.split(/(\{[%{].*?[%}]\})/s).filter((part) => part !== '');
  for (let changes = 1 + random.below(3); changes > 0; changes--) {
    const at = random.below(parts.length + 1);
    switch (random.below(5)) {
      case 0:
        parts.splice(at, 1);
        break;
      case 1:
        parts.splice(at, 0, ...parts.slice(at, at + 1 + random.below(4)));
        break;
      case 2:
        parts.splice(at, 1, parts[random.below(parts.length)] ?? '');
        break;
      case 3:
        parts.splice(at, 0, random.pick(SNIPPETS));
        break;
      default:
        // Endless ones cost their whole second, so they are few.
        parts.splice(at, 0, random.pick(random.chance(0.02) ? ENDLESS : SNIPPETS));
    }
  }
  const bytes = new TextEncoder().encode(parts.join(''));
  return random.chance(0.15) ? mutateBytes(bytes, random) : bytes;
}

const SNIPPETS = [
  ...[
    '{{ messages }}',
    '{{ messages[99].content }}',
    '{{ nobody.x.y }}',
    '{{ messages[0].__proto__ }}',
    '{{ 1 / 0 }}',
  ],
  ...[
    '{% set messages = messages[1:] %}',
    '{% if messages %}',
    '{% endif %}',
    '{% else %}',
    '{%',
    '}}',
    '{# x',
  ],
  ...[
    "{{ raise_exception('no') }}",
    "{{ strftime_now('%Y') }}",
    '{{ range(5) | join }}',
    '{{ messages | tojson }}',
  ],
  ...[
    '{{ bos_token * 3 }}',
    "{{ 'a' | indent(9999) }}",
    '{{ messages | map(attribute="x") | list }}',
    '{{ none.x }}',
  ],
  ...[
    "{{ constructor.constructor('return process')() }}",
    '{{ (((((((((1))))))))) }}',
    '{{ [1, [2, [3]]] }}',
    'x'.repeat(5000),
  ],
];
const ENDLESS = [
  '{% for i in range(10**9) %}{% for j in range(10**9) %}{% endfor %}{% endfor %}',
  '{% for i in range(1000000000) %}x{% endfor %}',
  '{% set n = namespace(x=[1]) %}{% for i in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}{{ n.x }}',
  "{% set n = namespace(x='ab') %}{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}{{ n.x }}",
  "{% set n = namespace(x='a') %}{% for i in range(99) %}{% set n.x = n.x | replace('a', 'aa') %}{% endfor %}",
];
