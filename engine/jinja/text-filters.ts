/** Filters whose result is a text. */
import { bind, integerArgument, required, textArgument } from './arguments';
import type { Budget } from './budget';
import { capitalized, lower, upper } from './case';
import { TemplateError, Unsupported } from './errors';
import type { Filter, FilterContext } from './filter';
import { center, percent } from './format';
import { lines } from './split';
import { replaced } from './string-methods';
import { BLANK, strip } from './strip';
import { dumps, str } from './text';
import { codePoints, Dict, type Given, isList, isTrue, Markup, Tuple, typeName, type Value } from './values';

/** Text is taken as it is, all else is written: jinja2's `soft_str`. */
function soft(value: Value, budget: Budget): string {
  if (value instanceof Markup) throw new Unsupported('a filter on a text that is marked safe');
  return str(value, budget);
}

export const TEXT_FILTERS: readonly (readonly [string, Filter])[] = [
  ['capitalize', mapping('capitalize', capitalized)],
  ['lower', mapping('lower', lower)],
  ['upper', mapping('upper', upper)],
  ['title', mapping('title', title)],
  ['string', string],
  ['trim', trim],
  ['replace', replace],
  ['indent', indent],
  ['center', centered],
  ['truncate', truncate],
  [
    'format',
    (value, given, { budget }) => {
      const { positional, keywords } = given;
      if (positional.length > 0 && keywords.size > 0)
        throw new TemplateError("can't handle positional and keyword arguments at the same time");
      return percent(
        soft(value, budget),
        keywords.size > 0 ? new Dict(keywords) : new Tuple(positional),
        budget,
      );
    },
  ],
  ['safe', (value, _, { budget }) => new Markup(str(value, budget))],
  ['tojson', toJson],
  [
    'wordcount',
    (value, _, { budget }) => BigInt((soft(value, budget).match(/[\p{L}\p{N}_]+/gu) ?? []).length),
  ],
];

function string(value: Value, given: Given, { budget }: FilterContext): Value {
  bind('string', [], given);
  return value instanceof Markup ? value : str(value, budget);
}

function mapping(name: string, of: (text: string) => string): Filter {
  return (value, given, { budget }) => {
    bind(name, [], given);
    return of(soft(value, budget));
  };
}

const WORD_BEGIN = new RegExp(`((?:[-({\\[<]|${BLANK})+)`);

/** Unlike `str.title`: words begin after these characters alone. */
function title(text: string): string {
  const parts = text.split(WORD_BEGIN).filter((part) => part !== '');
  return parts
    .map((part) => {
      const first = String.fromCodePoint(part.codePointAt(0) ?? 0);
      return upper(first) + lower(part.slice(first.length));
    })
    .join('');
}

function trim(value: Value, given: Given, { budget }: FilterContext): Value {
  const [chars] = bind('trim', ['chars'], given);
  const text = soft(value, budget);
  return chars === undefined || chars === null ? strip(text) : strip(text, textArgument(chars, 'trim'));
}

function replace(value: Value, given: Given, { budget }: FilterContext): Value {
  const [from, to, count] = bind('replace', ['old', 'new', 'count'], given);
  const most = count === null ? -1 : integerArgument(count, 'replace', -1);
  const [old, by] = [from, to].map((each) => str(required(each, 'replace'), budget));
  return replaced(str(value, budget), old ?? '', by ?? '', most, budget);
}

function indent(value: Value, given: Given, { budget }: FilterContext): Value {
  const [width = 4n, first = false, blank = false] = bind('indent', ['width', 'first', 'blank'], given);
  const by = typeof width === 'string' ? width : spaces(integerArgument(width, 'indent', 4), budget);
  const all = lines(`${textArgument(value, 'indent')}\n`, false);
  budget.take(all.length * by.length);
  const rest = all.slice(1).map((line) => (line === '' && !isTrue(blank) ? line : by + line));
  return (isTrue(first) ? by : '') + [all[0] ?? '', ...rest].join('\n');
}

function spaces(count: number, budget: Budget): string {
  budget.take(Math.max(0, count));
  return ' '.repeat(Math.max(0, count));
}

function centered(value: Value, given: Given, { budget }: FilterContext): Value {
  const width = integerArgument(bind('center', ['width'], given)[0], 'center', 80);
  budget.take(Math.max(0, width));
  return center(soft(value, budget), width, ' ');
}

function truncate(value: Value, given: Given): Value {
  const [length, killwords = false, end = '...', leeway] = bind(
    'truncate',
    ['length', 'killwords', 'end', 'leeway'],
    given,
  );
  const text = textArgument(value, 'truncate');
  const most = integerArgument(length, 'truncate', 255);
  const tail = textArgument(end, 'truncate');
  const slack = leeway === null ? 5 : integerArgument(leeway, 'truncate', 5);
  if (most < codePoints(tail) || slack < 0)
    throw new TemplateError('truncate: the length or the leeway is too small');
  if (codePoints(text) <= most + slack) return text;
  const kept = [...text].slice(0, most - codePoints(tail)).join('');
  const lastBlank = kept.lastIndexOf(' ');
  return (isTrue(killwords) || lastBlank < 0 ? kept : kept.slice(0, lastBlank)) + tail;
}

/** transformers' own: `json.dumps(value, ensure_ascii=False)`. */
function toJson(value: Value, given: Given, { budget }: FilterContext): Value {
  const [ascii = false, indentBy = null, separators = null, sorted = false] = bind(
    'tojson',
    ['ensure_ascii', 'indent', 'separators', 'sort_keys'],
    given,
  );
  const indent =
    indentBy === null
      ? undefined
      : typeof indentBy === 'string'
        ? indentBy
        : spaces(integerArgument(indentBy, 'tojson', 0), budget);
  const style = {
    indent,
    separators: separatorsOf(separators, indent),
    isAscii: isTrue(ascii),
    isSorted: isTrue(sorted),
  };
  return dumps(value, style, budget);
}

function separatorsOf(value: Value, indent: string | undefined): [string, string] {
  if (value === null) return [indent === undefined ? ', ' : ',', ': '];
  const items = value instanceof Tuple ? value.items : isList(value) ? value : undefined;
  if (items?.length !== 2) throw new TemplateError(`tojson: separators are no pair but a ${typeName(value)}`);
  return [textArgument(items[0], 'tojson'), textArgument(items[1], 'tojson')];
}
