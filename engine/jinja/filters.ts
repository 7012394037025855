/** jinja2's filters. */
import { bind, integerArgument, required } from './arguments';
import { attribute } from './attributes';
import type { Budget } from './budget';
import { TemplateError, Unsupported } from './errors';
import { type Filter, type FilterContext, ignoringCase, sorted, values } from './filter';
import { FILTER_NAMES } from './filter-names';
import { LIST_FILTERS } from './list-filters';
import { fixed, parseFloatText, parseInteger } from './numbers';
import { binary } from './operators';
import { TEXT_FILTERS } from './text-filters';
import {
  Dict,
  DictView,
  type Given,
  Iterator,
  isTrue,
  itemsOf,
  lengthOf,
  numeric,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from './values';

const FILTERS: ReadonlyMap<string, Filter> = new Map<string, Filter>([
  ...TEXT_FILTERS,
  ...LIST_FILTERS,
  ['abs', abs],
  ['attr', attr],
  ['count', length],
  ['length', length],
  ['d', fallback],
  ['default', fallback],
  ['float', float],
  ['int', int],
  ['items', items],
  ['dictsort', dictSort],
  ['round', round],
]);

/** `value | name(…)`. @throws TemplateError, Unsupported */
export function filter(name: string, value: Value, given: Given, budget: Budget): Value {
  const known = FILTERS.get(name);
  if (known) return known(value, given, { budget, filter: (...call) => filter(...call, budget) });
  if (FILTER_NAMES.has(name)) throw new Unsupported(`the filter '${name}'`);
  throw new TemplateError(`No filter named '${name}'.`);
}

function abs(value: Value): Value {
  const number = numeric(value);
  if (number === undefined) throw new TemplateError(`bad operand type for abs(): '${typeName(value)}'`);
  return number < 0 ? -number : typeof number === 'number' ? Math.abs(number) : number;
}

/** An attribute and never an item, as far as that makes a difference. */
function attr(value: Value, given: Given, { budget }: FilterContext): Value {
  const name = required(bind('attr', ['name'], given)[0], 'attr');
  if (value instanceof Dict || typeof name !== 'string')
    throw new Unsupported(`the filter 'attr' on a ${typeName(value)}`);
  return attribute(value, name, budget);
}

function length(value: Value, given: Given): Value {
  bind('length', [], given);
  return BigInt(lengthOf(value));
}

function fallback(value: Value, given: Given): Value {
  const [instead = '', boolean = false] = bind('default', ['default_value', 'boolean'], given);
  return value instanceof Undefined || (isTrue(boolean) && !isTrue(value)) ? instead : value;
}

function float(value: Value, given: Given): Value {
  const [instead = 0] = bind('float', ['default'], given);
  if (value instanceof Undefined) throw value.error();
  const number = typeof value === 'string' ? parseFloatText(value) : numeric(value);
  return number === undefined ? instead : Number(number);
}

function int(value: Value, given: Given): Value {
  const [instead = 0n, base] = bind('int', ['default', 'base'], given);
  if (value instanceof Undefined) throw value.error();
  const whole = typeof value === 'string' ? parseInteger(value, integerArgument(base, 'int', 10)) : undefined;
  const number = whole ?? (typeof value === 'string' ? parseFloatText(value) : numeric(value));
  if (typeof number !== 'number') return number ?? instead;
  if (Number.isFinite(number)) return BigInt(Math.trunc(number));
  if (typeof value === 'number' && !Number.isNaN(value))
    throw new TemplateError('cannot convert float infinity to integer');
  return instead;
}

function items(value: Value, given: Given): Value {
  bind('items', [], given);
  if (!(value instanceof Undefined || value instanceof Dict))
    throw new TemplateError('Can only get item pairs from a mapping.');
  return new Iterator(values(value instanceof Dict ? itemsOf(new DictView('items', value)) : []));
}

function dictSort(value: Value, given: Given, { budget }: FilterContext): Value {
  const [caseSensitive = false, by = 'key', reverse = false] = bind(
    'dictsort',
    ['case_sensitive', 'by', 'reverse'],
    given,
  );
  if (by !== 'key' && by !== 'value') throw new TemplateError('You can only sort by either "key" or "value"');
  if (!(value instanceof Dict)) {
    throw value instanceof Undefined
      ? value.error()
      : new TemplateError(`'${typeName(value)}' object has no attribute 'items'`);
  }
  const key = ([name, held]: readonly [Value, Value]) => {
    const part = by === 'key' ? name : held;
    return isTrue(caseSensitive) ? part : ignoringCase(part);
  };
  budget.take(16 * value.size);
  return sorted(value.entries(), key, isTrue(reverse)).map((entry) => new Tuple(entry));
}

function round(value: Value, given: Given, { budget }: FilterContext): Value {
  const [precision, method = 'common'] = bind('round', ['precision', 'method'], given);
  const digits = integerArgument(precision, 'round', 0);
  const number = numeric(value);
  if (number === undefined || digits < 0 || digits > 15)
    throw new Unsupported(`the filter 'round' on a ${typeName(value)}`);
  if (method === 'common') return typeof number === 'bigint' ? number : Number(fixed(number, digits));
  if (method !== 'ceil' && method !== 'floor')
    throw new TemplateError('method must be common, ceil or floor');
  const scaled = Number(binary('*', number, 10n ** BigInt(digits), budget));
  return Math[method](scaled) / 10 ** digits;
}
