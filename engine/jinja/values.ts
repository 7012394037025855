/**
 * Python's values: None is null, an int is a bigint, a float a number, a str a string (whose length counts code points),
 * a list an array. Nothing can be changed, as in jinja2's immutable sandbox.
 */
import type { Json } from '../protocol';
import { TemplateError, Unsupported } from './errors';

export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | readonly Value[]
  | Tuple
  | Range
  | Dict
  | DictView
  | Iterator
  | Markup
  | Namespace
  | Callable
  | Loop
  | Undefined;

export class Tuple {
  constructor(readonly items: readonly Value[]) {}
}

export class Range {
  constructor(
    readonly start: bigint,
    readonly stop: bigint,
    readonly step: bigint,
    readonly items: readonly bigint[],
  ) {}
}

/** What `keys()`, `values()` and `items()` of a dict return. */
export class DictView {
  constructor(
    readonly part: 'keys' | 'values' | 'items',
    readonly dict: Dict,
  ) {}
}

/** A generator: what was taken from it is gone. */
export class Iterator {
  constructor(readonly items: Generator<Value, void>) {}
}

/** Text that was marked safe: what is added to it is escaped. */
export class Markup {
  constructor(readonly text: string) {}
}

export class Namespace {
  readonly attributes = new Map<string, Value>();
}

export interface Given {
  readonly positional: readonly Value[];
  readonly keywords: ReadonlyMap<string, Value>;
}

export class Callable {
  constructor(
    readonly name: string,
    readonly call: (args: Given) => Value,
  ) {}
}

/** The special variable of a for loop. */
export class Loop {
  /** Counts from 0. */
  index = 0;
  changed: readonly Value[] | undefined;

  constructor(
    readonly items: readonly Value[],
    /** Of a recursive loop, counts from 0. */
    readonly depth: number,
    /** Of a recursive loop: renders its body for other items. */
    readonly again: ((items: Value) => string) | undefined,
  ) {}
}

export class Undefined {
  /** @param message what is wrong with using it */
  constructor(readonly message: string) {}

  static of(object: Value, key: Value): Undefined {
    const type = object === null ? 'None' : `'${typeName(object)} object'`;
    return typeof key === 'string'
      ? new Undefined(`${type} has no attribute '${key}'`)
      : new Undefined(`${type} has no element ${typeof key === 'bigint' ? key : `of type ${typeName(key)}`}`);
  }

  error(): TemplateError {
    return new TemplateError(this.message);
  }
}

export class Dict {
  private readonly byKey = new Map<string, readonly [Value, Value]>();

  constructor(entries: Iterable<readonly [Value, Value]> = []) {
    for (const [key, value] of entries) {
      const hash = hashOf(key);
      this.byKey.set(hash, [this.byKey.get(hash)?.[0] ?? key, value]);
    }
  }

  get size(): number {
    return this.byKey.size;
  }

  /** Undefined (of JavaScript) where there is no such key. @throws TemplateError for a key that has no hash */
  get(key: Value): Value | undefined {
    return this.byKey.get(hashOf(key))?.[1];
  }

  entries(): (readonly [Value, Value])[] {
    return [...this.byKey.values()];
  }
}

/** Equal for equal values and for no others: 1, 1.0 and True are one key. @throws TemplateError */
export function hashOf(value: Value): string {
  if (value === null) return 'None';
  if (typeof value === 'string') return `'${value}`;
  if (value instanceof Markup) return `'${value.text}`;
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(BigInt(value));
  if (typeof value === 'number') return Number.isInteger(value) ? String(BigInt(value)) : String(value);
  if (value instanceof Tuple) return JSON.stringify(value.items.map(hashOf));
  if (value instanceof Dict || isList(value))
    throw new TemplateError(`unhashable type: '${typeName(value)}'`);
  throw new Unsupported(`a ${typeName(value)} as a key`);
}

/** `??` for values: only a missing value is replaced, and never null, which is Python's None. */
export function or(value: Value | undefined, instead: () => Value): Value {
  return value === undefined ? instead() : value;
}

export type Numeric = bigint | number;

/** What counts as a number: True is 1. */
export function numeric(value: Value): Numeric | undefined {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  return typeof value === 'bigint' || typeof value === 'number' ? value : undefined;
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function typeName(value: Value): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float';
  if (typeof value === 'string') return 'str';
  if (value instanceof Tuple) return 'tuple';
  if (value instanceof Range) return 'range';
  if (value instanceof Dict) return 'dict';
  if (value instanceof DictView) return `dict_${value.part}`;
  if (value instanceof Iterator) return 'generator';
  if (value instanceof Markup) return 'Markup';
  if (value instanceof Namespace) return 'Namespace';
  if (value instanceof Callable) return 'function';
  if (value instanceof Loop) return 'LoopContext';
  if (value instanceof Undefined) return 'Undefined';
  return 'list';
}

export function isTrue(value: Value): boolean {
  if (value instanceof Undefined) return false;
  if (value instanceof Markup) return value.text !== '';
  if (value instanceof Dict) return value.size > 0;
  if (value instanceof DictView) return value.dict.size > 0;
  if (value instanceof Tuple || value instanceof Range || value instanceof Loop)
    return value.items.length > 0;
  if (isList(value)) return value.length > 0;
  return typeof value === 'number' ? value !== 0 : Boolean(value);
}

/** `iter(value)`, to its end. @throws TemplateError */
export function itemsOf(value: Value): readonly Value[] {
  const items = itemsIfAny(value);
  if (!items) throw new TemplateError(`'${typeName(value)}' object is not iterable`);
  return items;
}

export function itemsIfAny(value: Value): readonly Value[] | undefined {
  if (typeof value === 'string') return [...value];
  if (value instanceof Undefined) return [];
  if (value instanceof Tuple || value instanceof Range) return value.items;
  if (value instanceof Dict) return value.entries().map(([key]) => key);
  if (value instanceof DictView) return viewItems(value);
  if (value instanceof Iterator) return [...value.items];
  if (value instanceof Markup) throw new Unsupported('the characters of a text that is marked safe');
  if (value instanceof Loop) throw new Unsupported('a loop over the loop variable');
  return isList(value) ? value : undefined;
}

function viewItems({ part, dict }: DictView): readonly Value[] {
  const entries = dict.entries();
  if (part === 'items') return entries.map((entry) => new Tuple(entry));
  return entries.map(([key, value]) => (part === 'keys' ? key : value));
}

/** `len(value)`. @throws TemplateError */
export function lengthOf(value: Value): number {
  if (typeof value === 'string') return codePoints(value);
  if (value instanceof Markup) return codePoints(value.text);
  if (value instanceof Undefined) return 0;
  if (value instanceof Dict) return value.size;
  if (value instanceof DictView) return value.dict.size;
  if (value instanceof Tuple || value instanceof Range || value instanceof Loop) return value.items.length;
  if (isList(value)) return value.length;
  throw new TemplateError(`object of type '${typeName(value)}' has no len()`);
}

export function codePoints(text: string): number {
  let count = text.length;
  for (const _ of text.matchAll(/[\ud800-\udbff][\udc00-\udfff]/g)) count--;
  return count;
}

/** A number without a fraction is an int. */
export function fromJson(json: Json): Value {
  if (typeof json === 'number') return Number.isInteger(json) ? BigInt(json) : json;
  if (typeof json !== 'object' || json === null) return json;
  if (isJsonList(json)) return json.map(fromJson);
  return new Dict(Object.entries(json).map(([key, value]) => [key, fromJson(value)]));
}

function isJsonList(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}
