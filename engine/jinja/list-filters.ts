/** Filters over the items of a list, a dict, a text or a generator. */
import { bind, integerArgument, required } from './arguments';
import { order } from './comparisons';
import { TemplateError } from './errors';
import { attributeOf, type Filter, type FilterContext, ignoringCase, sorted, values } from './filter';
import { binary } from './operators';
import { test } from './tests';
import { str } from './text';
import {
  Dict,
  DictView,
  type Given,
  hashOf,
  Iterator,
  isList,
  isTrue,
  itemsOf,
  or,
  Range,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from './values';

export const LIST_FILTERS: readonly (readonly [string, Filter])[] = [
  ['batch', batch],
  ['first', (value) => or(firstOf(value), () => new Undefined('No first item, sequence was empty.'))],
  ['last', (value) => or(reversed(value)[0], () => new Undefined('No last item, sequence was empty.'))],
  ['reverse', reverse],
  ['list', list],
  ['join', join],
  ['sort', sort],
  ['unique', unique],
  ['min', (value, given, context) => extreme('min', value, given, context)],
  ['max', (value, given, context) => extreme('max', value, given, context)],
  ['sum', sum],
  ['map', (value, given, context) => lazily(value, () => mapper(given, context))],
  ['select', (value, given, context) => chosen(value, given, context, true, false)],
  ['reject', (value, given, context) => chosen(value, given, context, false, false)],
  ['selectattr', (value, given, context) => chosen(value, given, context, true, true)],
  ['rejectattr', (value, given, context) => chosen(value, given, context, false, true)],
];

function firstOf(value: Value): Value | undefined {
  if (!(value instanceof Iterator)) return itemsOf(value)[0];
  const { value: first } = value.items.next();
  return first === undefined ? undefined : first;
}

/** @throws TemplateError for what has no order to reverse */
function reversed(value: Value): readonly Value[] {
  const isReversible =
    typeof value === 'string' ||
    isList(value) ||
    value instanceof Tuple ||
    value instanceof Range ||
    value instanceof Dict ||
    value instanceof DictView ||
    value instanceof Undefined;
  if (!isReversible) throw new TemplateError(`'${typeName(value)}' object is not reversible`);
  return [...itemsOf(value)].reverse();
}

function reverse(value: Value, given: Given): Value {
  bind('reverse', [], given);
  if (typeof value === 'string') return reversed(value).join('');
  return new Iterator(values(value instanceof Iterator ? [...itemsOf(value)].reverse() : reversed(value)));
}

function list(value: Value, given: Given, { budget }: FilterContext): Value {
  bind('list', [], given);
  const items = itemsOf(value);
  budget.take(8 * items.length);
  return items;
}

function batch(value: Value, given: Given): Value {
  const [linecount, fill = null] = bind('batch', ['linecount', 'fill_with'], given);
  const size = integerArgument(required(linecount, 'batch'), 'batch', 0);
  const items = itemsOf(value);
  if (size < 1 || size > 1e6) throw new TemplateError('batch: no such size');
  const rows: Value[][] = [];
  for (let at = 0; at < items.length; at += size) rows.push(items.slice(at, at + size));
  const last = rows.at(-1);
  while (fill !== null && last && last.length < size) last.push(fill);
  return new Iterator(values(rows));
}

function join(value: Value, given: Given, { budget }: FilterContext): Value {
  const [by = '', attribute = null] = bind('join', ['d', 'attribute'], given);
  const parts = itemsOf(value)
    .map(attributeOf(attribute, budget))
    .map((part) => str(part, budget));
  const separator = str(by, budget);
  budget.take(parts.reduce((length, part) => length + part.length + separator.length, 0));
  return parts.join(separator);
}

function keyOf(attribute: Value, caseSensitive: Value, { budget }: FilterContext): (each: Value) => Value {
  const of = attributeOf(attribute, budget);
  return (each) => (isTrue(caseSensitive) ? of(each) : ignoringCase(of(each)));
}

function sort(value: Value, given: Given, context: FilterContext): Value {
  const [reverse = false, caseSensitive = false, attribute = null] = bind(
    'sort',
    ['reverse', 'case_sensitive', 'attribute'],
    given,
  );
  const parts = typeof attribute === 'string' ? attribute.split(',') : [attribute];
  const keys = parts.map((part) => keyOf(part, caseSensitive, context));
  const items = itemsOf(value);
  context.budget.take(16 * items.length);
  return sorted(items, (each) => keys.map((key) => key(each)), isTrue(reverse));
}

function unique(value: Value, given: Given, context: FilterContext): Value {
  const [caseSensitive = false, attribute = null] = bind('unique', ['case_sensitive', 'attribute'], given);
  const key = keyOf(attribute, caseSensitive, context);
  const seen = new Set<string>();
  const isNew = (each: Value) => {
    const hash = hashOf(key(each));
    return !seen.has(hash) && Boolean(seen.add(hash));
  };
  return new Iterator(values(itemsOf(value).filter(isNew)));
}

function extreme(name: 'min' | 'max', value: Value, given: Given, context: FilterContext): Value {
  const [caseSensitive = false, attribute = null] = bind(name, ['case_sensitive', 'attribute'], given);
  const key = keyOf(attribute, caseSensitive, context);
  const [first, ...rest] = itemsOf(value);
  if (first === undefined) return new Undefined('No aggregated item, sequence was empty.');
  const sign = name === 'min' ? 1 : -1;
  return rest.reduce((best, each) => (order(key(each), key(best)) * sign < 0 ? each : best), first);
}

function sum(value: Value, given: Given, { budget }: FilterContext): Value {
  const [attribute = null, start = 0n] = bind('sum', ['attribute', 'start'], given);
  const of = attributeOf(attribute, budget);
  return itemsOf(value).reduce((total, each) => binary('+', total, of(each), budget), start);
}

/** A generator over `of(item)`, made when its first item is asked for. */
function lazily(value: Value, make: () => (each: Value) => Value | undefined): Value {
  function* run(): Generator<Value, void> {
    if (!isTrue(value)) return;
    const of = make();
    for (const each of itemsOf(value)) {
      const result = of(each);
      if (result !== undefined) yield result;
    }
  }
  return new Iterator(run());
}

function mapper({ positional, keywords }: Given, context: FilterContext): (each: Value) => Value {
  const path = keywords.get('attribute');
  if (positional.length === 0 && path !== undefined) {
    const unknown = [...keywords.keys()].find((name) => name !== 'attribute' && name !== 'default');
    if (unknown) throw new TemplateError(`Unexpected keyword argument '${unknown}'`);
    return attributeOf(path, context.budget, keywords.get('default'));
  }
  const [name, ...rest] = positional;
  if (name === undefined) throw new TemplateError('map requires a filter argument');
  if (typeof name !== 'string') throw new TemplateError('No filter with such a name.');
  return (each) => context.filter(name, each, { positional: rest, keywords });
}

function chosen(
  value: Value,
  { positional, keywords }: Given,
  context: FilterContext,
  wanted: boolean,
  byAttribute: boolean,
): Value {
  return lazily(value, () => {
    const [path] = positional;
    if (byAttribute && path === undefined) throw new TemplateError('Missing parameter for attribute name');
    const of = byAttribute && path !== undefined ? attributeOf(path, context.budget) : (each: Value) => each;
    const [name, ...rest] = positional.slice(byAttribute ? 1 : 0);
    const given = { positional: rest, keywords };
    return (each) => {
      const tested = of(each);
      const holds =
        name === undefined ? isTrue(tested) : test(str(name, context.budget), tested, given, context.budget);
      return holds === wanted ? each : undefined;
    };
  });
}
