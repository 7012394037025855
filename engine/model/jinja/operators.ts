/** Python's operators on values, and its errors where they do not go together. */
import { type Budget, bounded } from './budget';
import { TemplateError, Unsupported } from './errors';
import { percent } from './format';
import type { BinaryOperator, Comparison } from './nodes';
import {
  Callable,
  Dict,
  DictView,
  isList,
  itemsIfAny,
  Markup,
  type Numeric,
  numeric,
  Range,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from './values';

/** @throws TemplateError, Unsupported */
export function binary(operator: BinaryOperator, left: Value, right: Value, budget: Budget): Value {
  if (left instanceof Undefined) throw left.error();
  if (operator === '%' && typeof left === 'string') return percent(left, right, budget);
  if (right instanceof Undefined) throw right.error();
  if (left instanceof Markup || right instanceof Markup) return ofMarkup(operator, left, right, budget);
  const [a, b] = [numeric(left), numeric(right)];
  if (a !== undefined && b !== undefined) return arithmetic(operator, a, b);
  const result =
    operator === '+'
      ? joined(left, right, budget)
      : operator === '*'
        ? repeated(left, right, budget)
        : undefined;
  if (result !== undefined) return result;
  throw new TemplateError(
    `unsupported operand type(s) for ${operator}: '${typeName(left)}' and '${typeName(right)}'`,
  );
}

function joined(left: Value, right: Value, budget: Budget): Value | undefined {
  if (typeof left === 'string' && typeof right === 'string') {
    budget.take(Math.min(left.length, right.length));
    return left + right;
  }
  if (isList(left) && isList(right)) {
    budget.take(8 * (left.length + right.length));
    return [...left, ...right];
  }
  if (left instanceof Tuple && right instanceof Tuple) {
    budget.take(8 * (left.items.length + right.items.length));
    return new Tuple([...left.items, ...right.items]);
  }
  return undefined;
}

function repeated(left: Value, right: Value, budget: Budget): Value | undefined {
  const [value, factor] =
    typeof left === 'bigint' || typeof left === 'boolean' ? [right, left] : [left, right];
  if (typeof factor !== 'bigint' && typeof factor !== 'boolean') return undefined;
  const times = Math.max(0, Number(factor));
  if (typeof value === 'string') {
    budget.take(value.length * times);
    return value.repeat(times);
  }
  const items = value instanceof Tuple ? value.items : isList(value) ? value : undefined;
  if (!items) return undefined;
  budget.take(8 * items.length * times);
  const all = Array.from({ length: times }, () => items).flat();
  return value instanceof Tuple ? new Tuple(all) : all;
}

function ofMarkup(operator: BinaryOperator, left: Value, right: Value, budget: Budget): Value {
  const [a, b] = [left, right].map((value) =>
    typeof value === 'string' ? escapeHtml(value) : value instanceof Markup ? value.text : undefined,
  );
  if (operator !== '+' || a === undefined || b === undefined)
    throw new Unsupported(`${operator} on a text that is marked safe`);
  budget.take(a.length + b.length);
  return new Markup(a + b);
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&#39;',
  '"': '&#34;',
};

export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>'"]/g, (character) => ENTITIES[character] ?? character);
}

function arithmetic(operator: BinaryOperator, a: Numeric, b: Numeric): Numeric {
  if (Number(b) === 0 && (operator === '/' || operator === '//' || operator === '%'))
    throw new TemplateError('division by zero');
  if (typeof a === 'bigint' && typeof b === 'bigint') return ofIntegers(operator, a, b);
  const [x, y] = [Number(a), Number(b)];
  switch (operator) {
    case '+':
      return x + y;
    case '-':
      return x - y;
    case '*':
      return x * y;
    case '/':
      return x / y;
    case '//':
      return Math.round((x - floatModulo(x, y)) / y);
    case '%':
      return floatModulo(x, y);
    case '**':
      throw new Unsupported('a power of a float');
  }
}

function ofIntegers(operator: BinaryOperator, a: bigint, b: bigint): Numeric {
  switch (operator) {
    case '+':
      return bounded(a + b);
    case '-':
      return bounded(a - b);
    case '*':
      return bounded(a * b);
    case '/': {
      const [x, y] = [Number(a), Number(b)];
      if (BigInt(x) !== a || BigInt(y) !== b) throw new Unsupported('the quotient of integers beyond 2^53');
      return x / y;
    }
    case '//':
      return (a - modulo(a, b)) / b;
    case '%':
      return modulo(a, b);
    case '**':
      if (b < 0n) throw new Unsupported('a power of a float');
      if (b > 4096n && a !== 0n && a !== 1n && a !== -1n) throw new TemplateError('a number is too large');
      return bounded(
        a === -1n ? (b % 2n === 0n ? 1n : -1n) : a === 0n || a === 1n ? (b === 0n ? 1n : a) : a ** b,
      );
  }
}

/** Has the divisor's sign. */
function modulo(a: bigint, b: bigint): bigint {
  const rest = a % b;
  return rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest;
}

function floatModulo(x: number, y: number): number {
  const rest = x % y;
  if (rest === 0) return y < 0 ? -0 : 0;
  return rest < 0 !== y < 0 ? rest + y : rest;
}

/** `left == right` */
export function equal(left: Value, right: Value): boolean {
  const [a, b] = [numeric(left), numeric(right)];
  if (a !== undefined || b !== undefined) return a !== undefined && b !== undefined && a <= b && a >= b;
  if (left instanceof Undefined) return right instanceof Undefined;
  const [text, other] = [textOf(left), textOf(right)];
  if (text !== undefined) return text === other;
  if (isList(left)) return isList(right) && allEqual(left, right);
  if (left instanceof Tuple) return right instanceof Tuple && allEqual(left.items, right.items);
  if (left instanceof Range) return right instanceof Range && allEqual(left.items, right.items);
  if (left instanceof Dict) {
    if (!(right instanceof Dict) || left.size !== right.size) return false;
    return left.entries().every(([key, value]) => {
      const found = right.get(key);
      return found !== undefined && equal(value, found);
    });
  }
  if (left instanceof DictView && right instanceof DictView && left !== right)
    throw new Unsupported('comparing views of dicts');
  if (left instanceof Callable && right instanceof Callable && left !== right)
    throw new Unsupported('comparing functions');
  return left === right;
}

function textOf(value: Value): string | undefined {
  return value instanceof Markup ? value.text : typeof value === 'string' ? value : undefined;
}

function allEqual(left: readonly Value[], right: readonly Value[]): boolean {
  return left.length === right.length && left.every((value, i) => equal(value, right[i] ?? null));
}

/** Below 0 where `left < right`, above where it is the other way. @throws TemplateError */
export function order(left: Value, right: Value, operator = '<'): number {
  if (left instanceof Undefined) throw left.error();
  if (right instanceof Undefined) throw right.error();
  const [a, b] = [numeric(left), numeric(right)];
  if (a !== undefined && b !== undefined) return a < b ? -1 : a > b ? 1 : a <= b ? 0 : Number.NaN;
  const [text, other] = [textOf(left), textOf(right)];
  if (text !== undefined && other !== undefined) return textOrder(text, other);
  if (isList(left) && isList(right)) return listOrder(left, right, operator);
  if (left instanceof Tuple && right instanceof Tuple) return listOrder(left.items, right.items, operator);
  throw new TemplateError(
    `'${operator}' not supported between instances of '${typeName(left)}' and '${typeName(right)}'`,
  );
}

/** By code points, where JavaScript compares halves of them. */
function textOrder(left: string, right: string): number {
  let at = 0;
  while (at < left.length && left[at] === right[at]) at++;
  return (left.codePointAt(at) ?? -1) - (right.codePointAt(at) ?? -1);
}

function listOrder(left: readonly Value[], right: readonly Value[], operator: string): number {
  for (const [i, value] of left.entries()) {
    const other = right[i];
    if (other === undefined) return 1;
    if (!equal(value, other)) return order(value, other, operator);
  }
  return left.length - right.length;
}

/** @throws TemplateError */
export function compare(operator: Comparison, left: Value, right: Value): boolean {
  switch (operator) {
    case '==':
      return equal(left, right);
    case '!=':
      return !equal(left, right);
    case '<':
      return order(left, right, operator) < 0;
    case '<=':
      return order(left, right, operator) <= 0;
    case '>':
      return order(left, right, operator) > 0;
    case '>=':
      return order(left, right, operator) >= 0;
    case 'in':
      return contains(right, left);
    case 'not in':
      return !contains(right, left);
  }
}

/** `value in container`. @throws TemplateError */
export function contains(container: Value, value: Value): boolean {
  const text = textOf(container);
  if (text !== undefined) {
    const part = textOf(value);
    if (part === undefined)
      throw new TemplateError(`'in <string>' requires string as left operand, not ${typeName(value)}`);
    return text.includes(part);
  }
  if (container instanceof Dict) return container.get(value) !== undefined;
  if (container instanceof DictView && container.part === 'keys')
    return container.dict.get(value) !== undefined;
  const items = itemsIfAny(container);
  if (!items) throw new TemplateError(`argument of type '${typeName(container)}' is not iterable`);
  return items.some((item) => equal(item, value));
}
