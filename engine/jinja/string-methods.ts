/** The methods of Python's str, on code points. */
import { bind, integerArgument, required, textArgument } from './arguments';
import type { Budget } from './budget';
import { capitalized, isCased, lower, titled, upper } from './case';
import { TemplateError, Unsupported } from './errors';
import { center, formatted, padEnd, padStart } from './format';
import { lines, rsplitAt, rsplitBlank, splitAt, splitBlank } from './split';
import { isBlank, strip, stripEnd, stripStart } from './strip';
import { codePoints, type Given, itemsOf, Tuple, type Value } from './values';

type Method = (text: string, given: Given, budget: Budget) => Value;

export const STRING_METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['capitalize', plain('capitalize', capitalized)],
  ['lower', plain('lower', lower)],
  ['upper', plain('upper', upper)],
  ['title', plain('title', titled)],
  ['strip', stripper('strip', strip)],
  ['lstrip', stripper('lstrip', stripStart)],
  ['rstrip', stripper('rstrip', stripEnd)],
  [
    'removeprefix',
    affix('removeprefix', (text, part) => (text.startsWith(part) ? text.slice(part.length) : text)),
  ],
  [
    'removesuffix',
    affix('removesuffix', (text, part) => (part && text.endsWith(part) ? text.slice(0, -part.length) : text)),
  ],
  ['split', (text, given, budget) => split('split', text, given, budget, splitBlank, splitAt)],
  ['rsplit', (text, given, budget) => split('rsplit', text, given, budget, rsplitBlank, rsplitAt)],
  ['splitlines', splitLines],
  [
    'partition',
    (text, given) => partition('partition', text, given, text.indexOf(separator('partition', given))),
  ],
  [
    'rpartition',
    (text, given) => partition('rpartition', text, given, text.lastIndexOf(separator('rpartition', given))),
  ],
  ['join', join],
  ['replace', replace],
  ['startswith', (text, given) => hasAffix('startswith', text, given, (part, at) => part.startsWith(at))],
  ['endswith', (text, given) => hasAffix('endswith', text, given, (part, at) => part.endsWith(at))],
  ['find', (text, given) => find('find', text, given, (whole, part) => whole.indexOf(part))],
  ['rfind', (text, given) => find('rfind', text, given, (whole, part) => whole.lastIndexOf(part))],
  ['index', (text, given) => found(find('index', text, given, (whole, part) => whole.indexOf(part)))],
  ['rindex', (text, given) => found(find('rindex', text, given, (whole, part) => whole.lastIndexOf(part)))],
  ['count', count],
  ['center', padded('center', center)],
  ['ljust', padded('ljust', padEnd)],
  ['rjust', padded('rjust', padStart)],
  ['zfill', zfill],
  ['format', formatted],
  ['isspace', plain('isspace', isBlank)],
  ['isalpha', plain('isalpha', (text) => /^\p{L}+$/u.test(text))],
  ['isdigit', plain('isdigit', (text) => /^\p{Nd}+$/u.test(plainDigits(text)))],
  ['isdecimal', plain('isdecimal', (text) => /^\p{Nd}+$/u.test(text))],
  ['isnumeric', plain('isnumeric', (text) => /^\p{Nd}+$/u.test(plainDigits(text)))],
  ['isalnum', plain('isalnum', (text) => /^[\p{L}\p{Nd}]+$/u.test(plainDigits(text)))],
  ['isascii', plain('isascii', (text) => !/\P{ASCII}/u.test(text))],
  ['isupper', plain('isupper', (text) => isCased(text, 'upper'))],
  ['islower', plain('islower', (text) => isCased(text, 'lower'))],
]);

function plain(name: string, of: (text: string) => string | boolean): Method {
  return (text, given) => {
    bind(name, [], given);
    return of(text);
  };
}

/** Digits that are no decimals (², ①) are digits by a table that JavaScript does not have. */
function plainDigits(text: string): string {
  if (/[\p{No}\p{Nl}]/u.test(text)) throw new Unsupported('a test for digits on such characters');
  return text;
}

function stripper(name: string, of: (text: string, chars?: string) => string): Method {
  return (text, given) => {
    const [chars] = bind(name, ['chars'], given);
    return chars === undefined || chars === null ? of(text) : of(text, textArgument(chars, name));
  };
}

function affix(name: string, of: (text: string, part: string) => string): Method {
  return (text, given) => of(text, separator(name, given));
}

function separator(name: string, given: Given): string {
  return textArgument(bind(name, ['sep'], given)[0], name);
}

function split(
  name: string,
  text: string,
  given: Given,
  budget: Budget,
  blank: (text: string, most: number) => string[],
  at: (text: string, separator: string, most: number) => string[],
): Value {
  const [sep, maxsplit] = bind(name, ['sep', 'maxsplit'], given);
  const most = integerArgument(maxsplit, name, -1);
  budget.take(8 * text.length);
  if (sep === undefined || sep === null) return blank(text, most < 0 ? -1 : most);
  const by = textArgument(sep, name);
  if (by === '') throw new TemplateError('empty separator');
  return at(text, by, most < 0 ? Infinity : most);
}

function splitLines(text: string, given: Given, budget: Budget): Value {
  const [keepends] = bind('splitlines', ['keepends'], given);
  budget.take(8 * text.length);
  return lines(text, integerArgument(keepends, 'splitlines', 0) !== 0);
}

function partition(name: string, text: string, given: Given, at: number): Value {
  const by = separator(name, given);
  if (by === '') throw new TemplateError('empty separator');
  if (at < 0) return new Tuple(name === 'partition' ? [text, '', ''] : ['', '', text]);
  return new Tuple([text.slice(0, at), by, text.slice(at + by.length)]);
}

function join(text: string, given: Given, budget: Budget): Value {
  const parts = itemsOf(required(bind('join', ['iterable'], given)[0], 'join')).map((part) =>
    textArgument(part, 'join'),
  );
  budget.take(parts.reduce((sum, part) => sum + part.length + text.length, 0));
  return parts.join(text);
}

function replace(text: string, given: Given, budget: Budget): Value {
  const [from, to, most] = bind('replace', ['old', 'new', 'count'], given);
  return replaced(
    text,
    textArgument(from, 'replace'),
    textArgument(to, 'replace'),
    integerArgument(most, 'replace', -1),
    budget,
  );
}

/** @param most replacements at most; below 0: all */
export function replaced(text: string, from: string, to: string, most: number, budget: Budget): string {
  const parts = from === '' ? ['', ...text, ''] : text.split(from);
  const times = most < 0 ? parts.length - 1 : Math.min(most, parts.length - 1);
  budget.take(text.length + times * to.length);
  const rest = parts.slice(times).join(from);
  return times === 0 ? text : `${parts.slice(0, times).join(to)}${to}${rest}`;
}

/** The part between code points, and where it begins. */
function range(
  name: string,
  text: string,
  start: Value | undefined,
  end: Value | undefined,
): [part: string, start: number] {
  if ((start ?? null) === null && (end ?? null) === null) return [text, 0];
  const all = [...text];
  const clamp = (value: Value | undefined, fallback: number) => {
    const at = value === null ? fallback : integerArgument(value, name, fallback);
    return Math.max(0, Math.min(at < 0 ? at + all.length : at, all.length));
  };
  const from = clamp(start, 0);
  return [all.slice(from, clamp(end, all.length)).join(''), from];
}

function hasAffix(
  name: string,
  text: string,
  given: Given,
  test: (part: string, affix: string) => boolean,
): Value {
  const [affixes, start, end] = bind(name, ['prefix', 'start', 'end'], given);
  const all = affixes instanceof Tuple ? affixes.items : [required(affixes, name)];
  if (integerArgument(start ?? 0n, name, 0) > codePoints(text)) return false;
  const [part] = range(name, text, start, end);
  return all.some((each) => test(part, textArgument(each, name)));
}

function find(
  name: string,
  text: string,
  given: Given,
  indexIn: (part: string, sub: string) => number,
): bigint {
  const [sub, start, end] = bind(name, ['sub', 'start', 'end'], given);
  if (start !== undefined && integerArgument(start ?? 0n, name, 0) > codePoints(text)) return -1n;
  const [part, from] = range(name, text, start, end);
  const at = indexIn(part, textArgument(sub, name));
  return at < 0 ? -1n : BigInt(from + codePoints(part.slice(0, at)));
}

function found(at: bigint): bigint {
  if (at < 0n) throw new TemplateError('substring not found');
  return at;
}

function count(text: string, given: Given): Value {
  const [sub, start, end] = bind('count', ['sub', 'start', 'end'], given);
  if (start !== undefined || end !== undefined) throw new Unsupported('str.count with bounds');
  const part = textArgument(sub, 'count');
  return BigInt(part === '' ? codePoints(text) + 1 : text.split(part).length - 1);
}

function padded(name: string, pad: (text: string, width: number, fill: string) => string): Method {
  return (text, given, budget) => {
    const [width, fillchar] = bind(name, ['width', 'fillchar'], given);
    const fill = fillchar === undefined ? ' ' : textArgument(fillchar, name);
    if (codePoints(fill) !== 1)
      throw new TemplateError('The fill character must be exactly one character long');
    const size = integerArgument(required(width, name), name, 0);
    budget.take(Math.max(0, size) * fill.length);
    return pad(text, size, fill);
  };
}

function zfill(text: string, given: Given, budget: Budget): Value {
  const size = integerArgument(required(bind('zfill', ['width'], given)[0], 'zfill'), 'zfill', 0);
  budget.take(Math.max(0, size));
  const sign = /^[-+]/.exec(text)?.[0] ?? '';
  return sign + padStart(text.slice(sign.length), size - sign.length, '0');
}
