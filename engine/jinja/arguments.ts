/** What a function of Python was given, by position and by name. */
import { TemplateError, Unsupported } from './errors';
import { type Given, Markup, numeric, typeName, Undefined, type Value } from './values';

/**
 * One for each of `names`, undefined (of JavaScript) where it was not given.
 * @throws TemplateError for more, or others
 */
export function bind(name: string, names: readonly string[], given: Given): (Value | undefined)[] {
  const { positional, keywords } = given;
  if (positional.length > names.length) {
    throw new TemplateError(`${name}() takes at most ${names.length} arguments (${positional.length} given)`);
  }
  for (const keyword of keywords.keys()) {
    const at = names.indexOf(keyword);
    if (at < 0) throw new TemplateError(`${name}() got an unexpected keyword argument '${keyword}'`);
    if (at < positional.length)
      throw new TemplateError(`${name}() got multiple values for argument '${keyword}'`);
  }
  return names.map(
    (each, i) => positional[i] ?? (i < positional.length ? positional[i] : keywords.get(each)),
  );
}

export function required(value: Value | undefined, name: string): Value {
  if (value === undefined) throw new TemplateError(`${name}() misses an argument`);
  return value;
}

/** @throws TemplateError for what is no text */
export function textArgument(value: Value | undefined, name: string): string {
  if (typeof value === 'string') return value;
  if (value instanceof Markup) throw new Unsupported(`${name} with a text that is marked safe`);
  if (value instanceof Undefined) throw new TemplateError(`${name}: ${value.message}`);
  throw new TemplateError(
    `${name}() argument must be str, not ${value === undefined ? 'missing' : typeName(value)}`,
  );
}

/** An int as a number of JavaScript; `fallback` where it was not given. @throws TemplateError for other types */
export function integerArgument(value: Value | undefined, name: string, fallback: number): number {
  if (value === undefined) return fallback;
  const integer = numeric(value);
  if (typeof integer === 'bigint') return Number(integer);
  if (value instanceof Undefined) throw value.error();
  throw new TemplateError(`${name}: '${typeName(value)}' object cannot be interpreted as an integer`);
}
