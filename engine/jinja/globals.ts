/** The functions that a template finds: jinja2's and transformers'. */
import { bind, integerArgument, required } from './arguments';
import type { Budget } from './budget';
import { TemplateError, Unsupported } from './errors';
import { strftime } from './strftime';
import { str } from './text';
import { Callable, Dict, type Given, itemsOf, Namespace, Range, type Value } from './values';

/** Items; jinja2's sandbox refuses longer ranges. */
const MAX_RANGE = 100_000;

export const GLOBAL_NAMES = [
  'range',
  'dict',
  'lipsum',
  'cycler',
  'joiner',
  'namespace',
  'raise_exception',
  'strftime_now',
];

export function globals(now: Date, budget: Budget): ReadonlyMap<string, Value> {
  const named = (name: string, call: (given: Given) => Value) => [name, new Callable(name, call)] as const;
  return new Map([
    named('range', range),
    named('dict', dict),
    named('namespace', (given) => {
      const namespace = new Namespace();
      for (const [key, value] of dict(given).entries()) namespace.attributes.set(str(key, budget), value);
      return namespace;
    }),
    named('raise_exception', (given) => {
      throw new TemplateError(
        str(required(bind('raise_exception', ['message'], given)[0], 'raise_exception'), budget),
      );
    }),
    named('strftime_now', (given) => {
      const [format] = bind('strftime_now', ['format'], given);
      if (typeof format !== 'string') throw new TemplateError('strftime_now() needs a format');
      return strftime(now, format);
    }),
    ...['lipsum', 'cycler', 'joiner'].map((name) =>
      named(name, () => {
        throw new Unsupported(`${name}()`);
      }),
    ),
  ]);
}

function range({ positional, keywords }: Given): Value {
  if (keywords.size > 0 || positional.length < 1 || positional.length > 3)
    throw new TemplateError('range expects 1 to 3 integers');
  const [first = 0, second, step = 1] = positional.map((value) => integerArgument(value, 'range', 0));
  const [start, stop] = second === undefined ? [0, first] : [first, second];
  if (step === 0) throw new TemplateError('range() arg 3 must not be zero');
  const length = Math.max(0, Math.ceil((stop - start) / step));
  if (!(length <= MAX_RANGE)) {
    throw new TemplateError(`Range too big. The sandbox blocks ranges larger than MAX_RANGE (${MAX_RANGE}).`);
  }
  const items = Array.from({ length }, (_, i) => BigInt(start + i * step));
  return new Range(BigInt(start), BigInt(stop), BigInt(step), items);
}

function dict({ positional, keywords }: Given): Dict {
  const [first, ...more] = positional;
  if (more.length > 0) throw new TemplateError('dict expected at most 1 argument');
  const entries =
    first === undefined ? [] : first instanceof Dict ? first.entries() : itemsOf(first).map(pair);
  return new Dict([...entries, ...keywords]);
}

function pair(value: Value): readonly [Value, Value] {
  const [key, item, ...more] = itemsOf(value);
  if (key === undefined || item === undefined || more.length > 0)
    throw new TemplateError('dict() needs pairs');
  return [key, item];
}
