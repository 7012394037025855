/** The value of an expression. */
import { attribute, item, slice } from './attributes';
import { type Budget, bounded } from './budget';
import { compare } from './comparisons';
import { TemplateError } from './errors';
import { filter } from './filters';
import type { Arguments, Expression, FilterCall } from './nodes';
import { binary } from './operators';
import type { Scope } from './scope';
import { test } from './tests';
import { str } from './text';
import {
  Callable,
  Dict,
  type Given,
  isTrue,
  itemsOf,
  Loop,
  numeric,
  or,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from './values';

export class Evaluator {
  constructor(readonly budget: Budget) {}

  /** @throws TemplateError, Unsupported */
  evaluate(node: Expression, scope: Scope): Value {
    const of = (each: Expression) => this.evaluate(each, scope);
    this.budget.step();
    switch (node.kind) {
      case 'constant':
        return node.value;
      case 'name':
        return or(scope.find(node.name), () => new Undefined(`'${node.name}' is undefined`));
      case 'list':
        return node.items.map(of);
      case 'tuple':
        return new Tuple(node.items.map(of));
      case 'dict':
        return new Dict(node.pairs.map(([key, value]) => [of(key), of(value)]));
      case 'unary':
        return node.operator === 'not' ? !isTrue(of(node.operand)) : negated(node.operator, of(node.operand));
      case 'binary':
        return binary(node.operator, of(node.left), of(node.right), this.budget);
      case 'and':
      case 'or': {
        const left = of(node.left);
        return isTrue(left) === (node.kind === 'and') ? of(node.right) : left;
      }
      case 'concat':
        return this.concatenated(node.parts.map(of));
      case 'compare':
        return this.compared(node, scope);
      case 'condition':
        if (isTrue(of(node.test))) return of(node.value);
        return node.otherwise
          ? of(node.otherwise)
          : new Undefined('the inline if-expression evaluated to false and no else section was defined.');
      case 'attribute':
        return attribute(of(node.object), node.name, this.budget);
      case 'item':
        return item(of(node.object), of(node.key), this.budget);
      case 'slice':
        return slice(
          of(node.object),
          node.bounds.map((bound) => bound && of(bound)),
          this.budget,
        );
      case 'call':
        return this.called(of(node.callee), this.given(node.args, scope));
      case 'filter':
        return this.filtered(node, node.operand ? of(node.operand) : '', scope);
      case 'test':
        return test(node.name, of(node.operand), this.given(node.args, scope), this.budget);
    }
  }

  filtered({ name, args }: FilterCall, value: Value, scope: Scope): Value {
    return filter(name, value, this.given(args, scope), this.budget);
  }

  given({ positional, keywords, rest, keywordRest }: Arguments, scope: Scope): Given {
    const values = positional.map((each) => this.evaluate(each, scope));
    const named = new Map(keywords.map(([name, value]) => [name, this.evaluate(value, scope)]));
    if (rest) values.push(...itemsOf(this.evaluate(rest, scope)));
    if (keywordRest) {
      const more = this.evaluate(keywordRest, scope);
      if (!(more instanceof Dict))
        throw new TemplateError(`argument after ** must be a mapping, not ${typeName(more)}`);
      for (const [key, value] of more.entries()) {
        if (typeof key !== 'string') throw new TemplateError('keywords must be strings');
        if (named.has(key)) throw new TemplateError(`got multiple values for keyword argument '${key}'`);
        named.set(key, value);
      }
    }
    return { positional: values, keywords: named };
  }

  called(callee: Value, given: Given): Value {
    if (callee instanceof Callable) return callee.call(given);
    if (callee instanceof Undefined) throw callee.error();
    if (!(callee instanceof Loop)) throw new TemplateError(`'${typeName(callee)}' object is not callable`);
    const [items, ...more] = given.positional;
    if (!callee.again)
      throw new TemplateError("The loop must have the 'recursive' marker to be called recursively.");
    if (items === undefined || more.length > 0 || given.keywords.size > 0)
      throw new TemplateError('loop() takes one argument');
    return callee.again(items);
  }

  private concatenated(values: readonly Value[]): string {
    const texts = values.map((value) => str(value, this.budget));
    const longest = Math.max(...texts.map(({ length }) => length));
    this.budget.take(texts.reduce((sum, { length }) => sum + length, 0) - longest);
    return texts.join('');
  }

  private compared({ first, rest }: Extract<Expression, { kind: 'compare' }>, scope: Scope): boolean {
    let left = this.evaluate(first, scope);
    for (const { operator, operand } of rest) {
      const right = this.evaluate(operand, scope);
      if (!compare(operator, left, right)) return false;
      left = right;
    }
    return true;
  }
}

function negated(operator: '+' | '-', value: Value): Value {
  if (value instanceof Undefined) throw value.error();
  const number = numeric(value);
  if (number === undefined)
    throw new TemplateError(`bad operand type for unary ${operator}: '${typeName(value)}'`);
  return operator === '+' ? number : typeof number === 'bigint' ? bounded(-number) : -number;
}
