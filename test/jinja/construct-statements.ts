/** Loops, scopes, macros, dates, refusals, the sandbox. */
import { each } from './each';

export const STATEMENTS: readonly string[] = [
  // Loops.
  '{% for x in words %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.cycle("a", "b") }}{{ loop.previtem }}{{ loop.nextitem }};{% endfor %}',
  '{% for x in words if x != "a" %}{{ loop.index }}{{ x }}{{ loop.changed(x | lower) }}{% else %}none{% endfor %}',
  '{% for x in words %}{% if x == "a" %}{% continue %}{% elif x == "c" %}{% break %}{% endif %}{{ x }}{% endfor %}',
  '{% for k, v in table.items() %}{{ k }}={{ v }};{% endfor %}{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}',
  '{% for a, b in [(1, 2, 3)] %}{% endfor %}',
  '{% for x in [1, [2, [3]]] recursive %}{{ loop(x) if x is not number else x }}{{ loop.depth }}{% endfor %}',
  '{% for i in range(5, 0, -2) %}{{ i }}{% endfor %}{{ range(3) }}{{ range(100001) }}',
  '{% set all = words | map("upper") %}{{ all | list }}{{ all | list }}',
  '{% break %}',
  // Scopes.
  '{% set x = 1 %}{% for i in [1, 2] %}{{ x }}{% set x = 2 %}{{ x }}{% endfor %}{{ x }}',
  '{% set ns = namespace(x=1) %}{% for i in [1, 2] %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}{{ ns.y is defined }}',
  '{% for i in [1, 2] %}{{ given }}{% endfor %}{% set given = "late" %}{{ given }}',
  '{% for i in [1, 2] %}{{ given }}{% if i == 1 %}{% set given = "late" %}{% endif %}{{ given }}{% endfor %}',
  '{% if true %}{% set y = 3 %}{% endif %}{{ y }}{% with y = 4, z = y %}{{ y }}{{ z }}{% endwith %}{{ y }}',
  '{% set x %}a{{ 1 }}{% set inner = 2 %}{% endset %}{{ x | upper }}{{ inner is defined }}{% set x | upper | trim %} b {% endset %}{{ x }}',
  '{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set given.x = 1 %}',
  '{% filter upper | replace("A", "-") %}abc{% endfilter %}',
  '{% generation %}x{% set inside = 1 %}{% endgeneration %}{{ inside is defined }}',
  '{% for loop in [1] %}{% endfor %}',
  // Macros.
  '{% macro m(a, b="d", c=a) %}[{{ a }}{{ b }}{{ c }}]{% endmacro %}{{ m(1) }}{{ m(1, c=2) }}{{ m(b=1) }}{{ m("x") | length }}',
  '{% macro m(a) %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, x=3) }}',
  '{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}',
  '{% macro m(a) %}{% endmacro %}{{ m(x=2) }}',
  '{% macro m(x) %}<{{ caller(x) }}>{% endmacro %}{% call(y) m(5) %}{{ y }}{{ given }}{% endcall %}',
  '{% macro m(n) %}{{ n }}{% if n > 0 %}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(3) }}',
  '{% macro m() %}{{ later }}{% endmacro %}{% set later = 1 %}{{ m() }}',
  '{% macro m(a=none) %}{{ a }}{{ a is none }}{% endmacro %}{{ m() }}{{ m(none) }}',
  '{{ dict(a=1, **{"b": 2}) }}{{ dict([("x", 1)]) }}{{ "{}{}".format(*[1, 2]) }}',
  // Dates, refusals, the sandbox.
  ...each(
    'strftime_now("%A %a %d %-d %e %B %b %Y %y %m %H %I %M %S %p %j %U %W %w %u %F %T %D %%")',
    'strftime_now("%c|%x|%X|%f|%Z")',
  ),
  ...each(
    'raise_exception("no " ~ 1)',
    'words.append("x")',
    'table.update({})',
    '"".__class__',
    '"".__class__.__mro__',
    'messages.__len__ is defined',
    'words.append',
  ),
  '{% for x in [1] %}',
  '{{ "x }}',
  '{{ 1 + }}',
  '{% nope %}',
  '{{ (1] }}',
];
