/** Python's comparisons of values, and its errors where they do not go together. */
import { TemplateError, Unsupported } from './errors';
import type { Comparison } from './nodes';
import {
  Callable,
  Dict,
  DictView,
  isList,
  itemsIfAny,
  Markup,
  numeric,
  Range,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from './values';

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
