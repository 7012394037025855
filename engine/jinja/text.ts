/** Values as text: Python's `str`, `repr`, and the `json.dumps` of transformers. */
import type { Budget } from './budget';
import { TemplateError, Unsupported } from './errors';
import {
  Dict,
  DictView,
  isList,
  itemsOf,
  Markup,
  Range,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from './values';

/** `str(value)`. @throws Unsupported for what Python would write the address of */
export function str(value: Value, budget: Budget): string {
  if (typeof value === 'string') return value;
  if (value instanceof Markup) return value.text;
  if (value instanceof Undefined) return '';
  return repr(value, budget);
}

export function repr(value: Value, budget: Budget): string {
  const text = shallowRepr(value) ?? deepRepr(value, budget);
  budget.take(text.length + 16);
  return text;
}

function shallowRepr(value: Value): string | undefined {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return floatText(value);
  if (typeof value === 'string') return quoted(value);
  if (value instanceof Undefined) return 'Undefined';
  return undefined;
}

function deepRepr(value: Value, budget: Budget): string {
  const inner = (items: readonly Value[]) => items.map((item) => repr(item, budget)).join(', ');
  if (isList(value)) return `[${inner(value)}]`;
  if (value instanceof Tuple)
    return value.items.length === 1 ? `(${inner(value.items)},)` : `(${inner(value.items)})`;
  if (value instanceof Dict) {
    return `{${value
      .entries()
      .map(([key, item]) => `${repr(key, budget)}: ${repr(item, budget)}`)
      .join(', ')}}`;
  }
  if (value instanceof DictView) return `dict_${value.part}([${inner(itemsOf(value))}])`;
  if (value instanceof Range) {
    return `range(${value.start}, ${value.stop}${value.step === 1n ? '' : `, ${value.step}`})`;
  }
  throw new Unsupported(`writing a ${typeName(value)}`);
}

/** `repr` of a float: the shortest digits, an exponent below 1e-4 and from 1e16 on. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

const ESCAPES: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const inside = text.replaceAll(/[\p{C}\p{Z}\\'"]/gu, (character) => {
    if (character === ' ') return character;
    if (character === "'" || character === '"') return character === quote ? `\\${character}` : character;
    return ESCAPES[character] ?? escaped(character);
  });
  return quote + inside + quote;
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

interface JsonStyle {
  readonly indent: string | undefined;
  readonly separators: readonly [item: string, key: string];
  readonly isAscii: boolean;
  readonly isSorted: boolean;
}

/** `json.dumps(value)`. @throws TemplateError for what is no JSON */
export function dumps(value: Value, style: JsonStyle, budget: Budget, newline = '\n'): string {
  const text = (() => {
    if (value === null) return 'null';
    if (typeof value === 'boolean') return String(value);
    if (typeof value === 'bigint') return String(value);
    if (typeof value === 'number') return jsonFloat(value);
    if (typeof value === 'string') return jsonString(value, style.isAscii);
    if (value instanceof Markup) return jsonString(value.text, style.isAscii);
    if (value instanceof Dict) return dumpsDict(value, style, budget, newline);
    if (isList(value) || value instanceof Tuple) {
      return wrapped('[', ']', itemsOf(value), style, newline, (item, inner) =>
        dumps(item, style, budget, inner),
      );
    }
    throw new TemplateError(`Object of type ${typeName(value)} is not JSON serializable`);
  })();
  budget.take(text.length + 16);
  return text;
}

function dumpsDict(dict: Dict, style: JsonStyle, budget: Budget, newline: string): string {
  const entries = dict.entries();
  if (style.isSorted) {
    if (entries.some(([key]) => typeof key !== 'string'))
      throw new Unsupported('sorting keys that are no text');
    entries.sort(([a], [b]) =>
      Buffer.compare(Buffer.from(String(a), 'utf8'), Buffer.from(String(b), 'utf8')),
    );
  }
  return wrapped('{', '}', entries, style, newline, ([key, item], inner) => {
    const name = jsonString(jsonKey(key), style.isAscii);
    return name + style.separators[1] + dumps(item, style, budget, inner);
  });
}

function wrapped<T>(
  open: string,
  close: string,
  items: readonly T[],
  { indent, separators }: JsonStyle,
  newline: string,
  write: (item: T, newline: string) => string,
): string {
  if (items.length === 0) return open + close;
  const inner = newline + (indent ?? '');
  const parts = items.map((item) => write(item, inner));
  if (indent === undefined) return open + parts.join(separators[0]) + close;
  return open + inner + parts.join(separators[0] + inner) + newline + close;
}

function jsonKey(key: Value): string {
  if (typeof key === 'string') return key;
  if (key instanceof Markup) return key.text;
  if (key === null) return 'null';
  if (typeof key === 'boolean' || typeof key === 'bigint') return String(key);
  if (typeof key === 'number') return jsonFloat(key);
  throw new TemplateError(`keys must be str, int, float, bool or None, not ${typeName(key)}`);
}

function jsonFloat(value: number): string {
  if (Number.isFinite(value)) return floatText(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

const JSON_ESCAPES: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\f': '\\f',
  '\b': '\\b',
};

function jsonString(text: string, isAscii: boolean): string {
  const special = isAscii ? /[^ !#-[\]-~]/g : /["\\]|(?![\x7f-\x9f])\p{Cc}/gu;
  return `"${text.replaceAll(special, (unit) => JSON_ESCAPES[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`;
}
