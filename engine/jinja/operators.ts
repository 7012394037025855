/** Python's operators on values, and its errors where they do not go together. */
import { type Budget, bounded } from './budget';
import { TemplateError, Unsupported } from './errors';
import { percent } from './format';
import type { BinaryOperator } from './nodes';
import { isList, Markup, type Numeric, numeric, Tuple, typeName, Undefined, type Value } from './values';

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

function escapeHtml(text: string): string {
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
