/** `object.name`, `object[key]` and slices, as jinja2's sandbox has them: what it forbids is undefined, and fails when used. */
import { bind, integerArgument, required } from './arguments';
import type { Budget } from './budget';
import { equal } from './comparisons';
import { TemplateError, Unsupported } from './errors';
import { STRING_METHODS } from './string-methods';
import {
  Callable,
  Dict,
  DictView,
  type Given,
  isList,
  itemsOf,
  Loop,
  Namespace,
  numeric,
  or,
  Range,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from './values';

const names = (list: string): ReadonlySet<string> => new Set(list.split(' '));

/** What Python's objects have beside what is known here, so that it is not taken for undefined. */
const PYTHON: Readonly<Record<string, ReadonlySet<string>>> = {
  str: names(
    'casefold encode expandtabs format_map isidentifier isprintable istitle maketrans swapcase translate',
  ),
  Markup: names('escape unescape striptags join split upper lower strip replace format'),
  list: names('count copy index'),
  tuple: names('count index'),
  range: names('count index start stop step'),
  dict: names('copy fromkeys'),
  dict_keys: names('isdisjoint mapping'),
  dict_values: names('mapping'),
  dict_items: names('isdisjoint mapping'),
  bool: names(
    'as_integer_ratio bit_count bit_length conjugate denominator from_bytes imag numerator real to_bytes',
  ),
  int: names(
    'as_integer_ratio bit_count bit_length conjugate denominator from_bytes imag numerator real to_bytes',
  ),
  float: names('as_integer_ratio conjugate fromhex hex imag is_integer real'),
  generator: names('close gi_code gi_frame gi_running gi_suspended gi_yieldfrom send throw'),
  function: names('name arguments catch_kwargs catch_varargs caller explicit_caller'),
  LoopContext: names(''),
};
/** Methods that change the object, which the immutable sandbox forbids. */
const FORBIDDEN: Readonly<Record<string, ReadonlySet<string>>> = {
  list: names('append clear pop reverse insert sort extend remove'),
  dict: names('clear pop popitem setdefault update'),
};

/** @throws TemplateError for an attribute of what is undefined, Unsupported */
export function attribute(object: Value, name: string, budget: Budget): Value {
  if (object instanceof Undefined) throw object.error();
  const found = own(object, name, budget);
  return or(found === undefined ? itemIfAny(object, name) : found, () => Undefined.of(object, name));
}

/** @throws TemplateError for an item of what is undefined, Unsupported */
export function item(object: Value, key: Value, budget: Budget): Value {
  if (object instanceof Undefined) throw object.error();
  const found = itemIfAny(object, key);
  const isAttribute = found === undefined && typeof key === 'string';
  return or(isAttribute ? own(object, key, budget) : found, () => Undefined.of(object, key));
}

/** What `getattr` finds; undefined (of JavaScript) where it finds nothing. */
function own(object: Value, name: string, budget: Budget): Value | undefined {
  const type = typeName(object);
  if (object instanceof Namespace) return object.attributes.get(name);
  if (/^__\w+__$/.test(name) || FORBIDDEN[type]?.has(name)) {
    return new Undefined(`access to attribute '${name}' of '${type}' object is unsafe.`);
  }
  if (typeof object === 'string') {
    const method = STRING_METHODS.get(name);
    if (method) return new Callable(name, (given) => method(object, given, budget));
  }
  if (object instanceof Dict) {
    const method = dictMethod(object, name);
    if (method) return method;
  }
  if (object instanceof Loop) {
    const value = loopAttribute(object, name);
    if (value !== undefined) return value;
  }
  if ((isList(object) || object instanceof Tuple) && (name === 'index' || name === 'count')) {
    return new Callable(name, (given) => listMethod(name, itemsOf(object), given));
  }
  if (PYTHON[type]?.has(name)) throw new Unsupported(`.${name} of a ${type}`);
  return undefined;
}

function itemIfAny(object: Value, key: Value): Value | undefined {
  if (object instanceof Dict) return key instanceof Dict || isList(key) ? undefined : object.get(key);
  const at = numeric(key);
  if (typeof at !== 'bigint') return undefined;
  if (typeof object === 'string') {
    const characters = [...object];
    return characters.at(Number(at));
  }
  if (typeName(object) === 'Markup') throw new Unsupported('a character of a text that is marked safe');
  const items =
    object instanceof Tuple || object instanceof Range ? object.items : isList(object) ? object : undefined;
  return items?.at(Number(at));
}

function dictMethod(dict: Dict, name: string): Callable | undefined {
  if (name === 'keys' || name === 'values' || name === 'items') {
    return new Callable(name, (given) => {
      bind(name, [], given);
      return new DictView(name, dict);
    });
  }
  if (name !== 'get') return undefined;
  return new Callable(name, (given) => {
    if (given.keywords.size > 0) throw new TemplateError('dict.get() takes no keyword arguments');
    const [key, fallback] = bind(name, ['key', 'default'], given);
    return or(dict.get(required(key, name)), () => fallback ?? null);
  });
}

function listMethod(name: string, items: readonly Value[], given: Given): Value {
  const [value] = bind(name, ['value'], given);
  const wanted = required(value, name);
  if (name === 'count') return BigInt(items.filter((each) => equal(each, wanted)).length);
  const at = items.findIndex((each) => equal(each, wanted));
  if (at < 0) throw new TemplateError('the value is not in the list');
  return BigInt(at);
}

function loopAttribute(loop: Loop, name: string): Value | undefined {
  const { index, items } = loop;
  const integers: Readonly<Record<string, number>> = {
    index: index + 1,
    index0: index,
    revindex: items.length - index,
    revindex0: items.length - index - 1,
    length: items.length,
    depth: loop.depth + 1,
    depth0: loop.depth,
  };
  const integer = Object.hasOwn(integers, name) ? integers[name] : undefined;
  if (integer !== undefined) return BigInt(integer);
  switch (name) {
    case 'first':
      return index === 0;
    case 'last':
      return index === items.length - 1;
    case 'previtem':
      return or(items[index - 1], () => new Undefined('there is no previous item'));
    case 'nextitem':
      return or(items[index + 1], () => new Undefined('there is no next item'));
    case 'cycle':
      return new Callable(name, ({ positional }) => {
        if (positional.length === 0) throw new TemplateError('no items for cycling given');
        return positional[index % positional.length] ?? null;
      });
    case 'changed':
      return new Callable(name, ({ positional }) => {
        const isSame = loop.changed !== undefined && equal(loop.changed, positional);
        loop.changed = positional;
        return !isSame;
      });
    default:
      return undefined;
  }
}

/** `object[start:stop:step]`. @throws TemplateError */
export function slice(object: Value, bounds: readonly (Value | undefined)[], budget: Budget): Value {
  if (object instanceof Undefined) throw object.error();
  if (typeof object === 'string') {
    budget.take(object.length);
    return picked([...object], bounds).join('');
  }
  const items = object instanceof Tuple ? object.items : isList(object) ? object : undefined;
  if (!items) {
    if (object instanceof Range || typeName(object) === 'Markup')
      throw new Unsupported(`a slice of a ${typeName(object)}`);
    throw new TemplateError(`'${typeName(object)}' object is not subscriptable`);
  }
  budget.take(8 * items.length);
  const part = picked(items, bounds);
  return object instanceof Tuple ? new Tuple(part) : part;
}

function picked<T>(items: readonly T[], [start, stop, step]: readonly (Value | undefined)[]): T[] {
  const by = bound(step) ?? 1;
  if (by === 0) throw new TemplateError('slice step cannot be zero');
  const [lowest, highest] = by > 0 ? [0, items.length] : [-1, items.length - 1];
  const clamp = (value: number) =>
    Math.max(lowest, Math.min(value < 0 ? value + items.length : value, highest));
  const from = bound(start);
  const to = bound(stop);
  const first = from === undefined ? (by > 0 ? lowest : highest) : clamp(from);
  const end = to === undefined ? (by > 0 ? highest : lowest) : clamp(to);
  const result: T[] = [];
  for (let at = first; by > 0 ? at < end : at > end; at += by) {
    const each = items[at];
    if (each !== undefined) result.push(each);
  }
  return result;
}

function bound(value: Value | undefined): number | undefined {
  return value === undefined || value === null ? undefined : integerArgument(value, 'slice', 0);
}
