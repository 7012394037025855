/** What filters have in common. */
import { item } from './attributes';
import type { Budget } from './budget';
import { order } from './comparisons';
import { type Given, Undefined, type Value } from './values';

export interface FilterContext {
  readonly budget: Budget;
  /** Another filter, by its name. */
  readonly filter: (name: string, value: Value, given: Given) => Value;
}

export type Filter = (value: Value, given: Given, context: FilterContext) => Value;

export function* values(all: Iterable<Value>): Generator<Value, void> {
  yield* all;
}

export function ignoringCase(value: Value): Value {
  return typeof value === 'string' ? value.toLowerCase() : value;
}

/** Equal ones stay as they are, reversed or not. @throws TemplateError where two do not compare */
export function sorted<T>(all: readonly T[], key: (each: T) => Value, isReversed: boolean): T[] {
  const keyed = all.map((each) => ({ each, key: key(each) }));
  keyed.sort((a, b) => order(a.key, b.key) * (isReversed ? -1 : 1));
  return keyed.map(({ each }) => each);
}

/** By the path of a filter's `attribute`: `a.b.0`. */
export function attributeOf(path: Value, budget: Budget, instead?: Value): (each: Value) => Value {
  const keys: Value[] =
    typeof path === 'string'
      ? path.split('.').map((part) => (/^\d+$/.test(part) ? BigInt(part) : part))
      : path === null
        ? []
        : [path];
  return (each) => {
    let value = each;
    for (const key of keys) {
      value = item(value, key, budget);
      if (value instanceof Undefined && instead !== undefined && instead !== null) value = instead;
    }
    return value;
  };
}
