/** Python's `%` on strings, `str.format` and its format specifications. */
import type { Budget } from './budget';
import { TemplateError, Unsupported } from './errors';
import { fixed } from './numbers';
import { repr, str } from './text';
import {
  codePoints,
  Dict,
  type Given,
  isList,
  numeric,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from './values';

const PERCENT = /%(?:\(([^()]*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d*))?[hlL]?([\s\S]?)/g;

/** `format % given`. @throws TemplateError, Unsupported */
export function percent(format: string, given: Value, budget: Budget): string {
  const positional = given instanceof Tuple ? given.items : [given];
  let used = 0;
  const text = format.replaceAll(
    PERCENT,
    (all, key?: string, flags = '', width?: string, precision?: string, type = '') => {
      if (all === '%%') return '%';
      if (type === '%' || width === '*' || precision === '*') throw new Unsupported(`the format ${all}`);
      let value: Value | undefined;
      if (key === undefined) value = positional[used++];
      else if (given instanceof Dict) value = given.get(key);
      else throw new TemplateError('format requires a mapping');
      if (value === undefined)
        throw new TemplateError(
          key === undefined ? 'not enough arguments for format string' : `no key '${key}'`,
        );
      const written = converted(value, type, flags, precision, all, budget);
      const size = Number(width ?? 0);
      budget.take(size + written.length);
      if (flags.includes('-')) return padEnd(written, size, ' ');
      return flags.includes('0') && type !== 's' && type !== 'r'
        ? zeroFilled(written, size)
        : padStart(written, size, ' ');
    },
  );
  const isMapping = given instanceof Dict || isList(given) || given instanceof Undefined;
  if (used < positional.length && !isMapping) {
    throw new TemplateError('not all arguments converted during string formatting');
  }
  return text;
}

function converted(
  value: Value,
  type: string,
  flags: string,
  precision: string | undefined,
  all: string,
  budget: Budget,
): string {
  if (type === 's' || type === 'r') {
    const text = type === 's' ? str(value, budget) : repr(value, budget);
    return precision === undefined ? text : [...text].slice(0, Number(precision)).join('');
  }
  if (flags.includes('#')) throw new Unsupported(`the format ${all}`);
  const number = numeric(value);
  if (number === undefined)
    throw new TemplateError(`%${type} format: a number is required, not ${typeName(value)}`);
  const isInteger = type === 'd' || type === 'i' || type === 'u';
  if (!isInteger && type !== 'f' && type !== 'F') throw new Unsupported(`the format ${all}`);
  if (isInteger && precision) throw new Unsupported(`the format ${all}`);
  const text = isInteger
    ? String(truncated(number))
    : fixed(Number(number), precision === undefined ? 6 : Number(precision));
  return signed(text, flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '-');
}

function truncated(number: bigint | number): bigint {
  if (typeof number === 'bigint') return number;
  if (!Number.isFinite(number)) throw new TemplateError('cannot convert float infinity or NaN to integer');
  return BigInt(Math.trunc(number));
}

function signed(text: string, sign: string): string {
  return text.startsWith('-') || sign === '-' ? text : sign + text;
}

function zeroFilled(text: string, width: number): string {
  const sign = /^[-+ ]/.exec(text)?.[0] ?? '';
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}

/** To `width` code points. */
export function padStart(text: string, width: number, fill: string): string {
  return fill.repeat(Math.max(0, width - codePoints(text))) + text;
}

export function padEnd(text: string, width: number, fill: string): string {
  return text + fill.repeat(Math.max(0, width - codePoints(text)));
}

/** Where the sides are not equal, the odd space goes where `str.center` puts it. */
export function center(text: string, width: number, fill: string): string {
  const missing = Math.max(0, width - codePoints(text));
  const left = Math.floor(missing / 2) + (missing & width & 1);
  return fill.repeat(left) + text + fill.repeat(missing - left);
}

const FIELD = /\{\{|\}\}|\{([^{}[\].!:]*)(?:!([sra]))?(?::([^{}]*))?\}|[{}]/g;

/** `format.format(…)`. @throws TemplateError, Unsupported */
export function formatted(format: string, given: Given, budget: Budget): string {
  let used = 0;
  return format.replaceAll(FIELD, (all, name?: string, conversion?: string, spec = '') => {
    if (all === '{{' || all === '}}') return all.charAt(0);
    if (name === undefined) throw new Unsupported('this form of str.format');
    const isNumber = /^\d*$/.test(name);
    const value = isNumber ? given.positional[name === '' ? used++ : Number(name)] : given.keywords.get(name);
    if (used > 0 && name !== '' && isNumber)
      throw new TemplateError('cannot switch from automatic field numbering');
    if (value === undefined) throw new TemplateError(`str.format has no argument for {${name}}`);
    if (conversion === 'a') throw new Unsupported('the conversion !a');
    if (conversion)
      return withSpec(conversion === 'r' ? repr(value, budget) : str(value, budget), spec, budget);
    return withSpec(value, spec, budget);
  });
}

const SPEC = /^(?:([\s\S])?([<>^]))?([-+ ])?(0)?(\d+)?(,)?(?:\.(\d+))?([sdf])?$/u;

/** `format(value, spec)` */
function withSpec(value: Value, spec: string, budget: Budget): string {
  if (spec === '') return str(value, budget);
  const found = SPEC.exec(spec);
  if (!found || value instanceof Undefined)
    throw new Unsupported(`the format specification ${JSON.stringify(spec)}`);
  const [, fill, align, sign, zero, width, comma, precision, type] = found;
  const size = Number(width ?? 0);
  budget.take(size);
  const number = typeof value === 'boolean' ? undefined : numeric(value);
  const isPlain = sign === undefined && comma === undefined && zero === undefined;
  let text: string;
  if (typeof value === 'string' && isPlain && (type ?? 's') === 's') {
    text = precision === undefined ? value : [...value].slice(0, Number(precision)).join('');
  } else if (typeof number === 'bigint' && (type ?? 'd') === 'd' && precision === undefined)
    text = String(number);
  else if (number !== undefined && type === 'f') text = fixed(Number(number), Number(precision ?? 6));
  else throw new Unsupported(`the format specification ${JSON.stringify(spec)} on a ${typeName(value)}`);
  if (zero && (align || comma)) throw new Unsupported(`the format specification ${JSON.stringify(spec)}`);
  if (comma) text = text.replace(/\d+/, (digits) => digits.replaceAll(/\B(?=(\d{3})+$)/g, ','));
  text = signed(text, sign ?? '-');
  if (zero) return zeroFilled(text, size);
  const direction = align ?? (typeof value === 'string' ? '<' : '>');
  const pad = direction === '<' ? padEnd : direction === '>' ? padStart : centered;
  return pad(text, size, fill ?? ' ');
}

/** A format specification always puts the odd space to the right; `str.center` does not. */
function centered(text: string, width: number, fill: string): string {
  const missing = Math.max(0, width - codePoints(text));
  const left = Math.floor(missing / 2);
  return fill.repeat(left) + text + fill.repeat(missing - left);
}
