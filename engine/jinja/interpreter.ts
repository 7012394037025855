/** Runs a template's statements and collects what it writes. */
import type { Budget } from './budget';
import { TemplateError } from './errors';
import { Evaluator } from './evaluator';
import { macro } from './macro';
import type { Body, CallStatement, Expression, ForStatement, Statement, Target } from './nodes';
import { Scope } from './scope';
import type { Scopes } from './scopes';
import { str } from './text';
import { isTrue, itemsOf, Loop, Namespace, type Value } from './values';

/** How a body ended before its end. */
type Jump = 'break' | 'continue' | undefined;

/** What an item of a loop costs: a scope. */
const ITEM = 64;

/** Written text, in pieces. */
type Output = string[];

export class Interpreter {
  private readonly evaluator: Evaluator;

  constructor(
    readonly scopes: Scopes,
    private readonly budget: Budget,
  ) {
    this.evaluator = new Evaluator(budget);
  }

  /** What `body` writes in a scope of its own. @throws TemplateError, Unsupported */
  render(body: Body, outer: Scope, prepare?: (scope: Scope) => void): string {
    const output: Output = [];
    const scope = this.inner(body, outer);
    prepare?.(scope);
    this.run(body, scope, output);
    return this.joined(output);
  }

  private joined(output: Output): string {
    this.budget.take(output.reduce((sum, { length }) => sum + length, 0));
    return output.join('');
  }

  private inner(body: Body, outer: Scope): Scope {
    return new Scope(outer, this.scopes.undefinedIn.get(body));
  }

  private run(body: Body, scope: Scope, output: Output): Jump {
    for (const statement of body) {
      const jump = this.execute(statement, scope, output);
      if (jump) return jump;
    }
    return undefined;
  }

  private execute(statement: Statement, scope: Scope, output: Output): Jump {
    switch (statement.kind) {
      case 'text':
        this.write(statement.text, output);
        return undefined;
      case 'output':
        this.write(str(this.evaluate(statement.value, scope), this.budget), output);
        return undefined;
      case 'set':
        this.assign(statement.target, this.evaluate(statement.value, scope), scope);
        return undefined;
      case 'set block': {
        const { filter, body, target } = statement;
        this.assign(target, this.filteredBody(body, filter, scope), scope);
        return undefined;
      }
      case 'filter block':
        this.write(str(this.filteredBody(statement.body, statement.filter, scope), this.budget), output);
        return undefined;
      case 'with':
        return this.with(statement, scope, output);
      case 'generation':
        this.write(this.render(statement.body, scope), output);
        return undefined;
      case 'break':
      case 'continue':
        return statement.kind;
      case 'if': {
        const branch = statement.branches.find(({ test }) => isTrue(this.evaluate(test, scope)));
        return this.run(branch?.body ?? statement.otherwise, scope, output);
      }
      case 'for':
        return this.for(statement, scope, output);
      case 'macro':
        scope.set(statement.name, macro(statement, scope, this, this.evaluator));
        return undefined;
      case 'call block':
        this.write(this.callBlock(statement, scope), output);
        return undefined;
    }
  }

  private evaluate(expression: Expression, scope: Scope): Value {
    return this.evaluator.evaluate(expression, scope);
  }

  private write(text: string, output: Output): void {
    this.budget.take(text.length + 1);
    output.push(text);
  }

  private filteredBody(
    body: Body,
    filter: Extract<Expression, { kind: 'filter' }> | undefined,
    outer: Scope,
  ): Value {
    const scope = this.inner(body, outer);
    const output: Output = [];
    this.run(body, scope, output);
    const text = this.joined(output);
    return filter ? this.filtered(filter, text, scope) : text;
  }

  /** A chain of filters, of which the first has no operand but the block's text. */
  private filtered(filter: Extract<Expression, { kind: 'filter' }>, text: string, scope: Scope): Value {
    const operand = filter.operand?.kind === 'filter' ? this.filtered(filter.operand, text, scope) : text;
    return this.evaluator.filtered(filter, operand, scope);
  }

  private with({ bindings, body }: Extract<Statement, { kind: 'with' }>, outer: Scope, output: Output): Jump {
    const scope = this.inner(body, outer);
    for (const { target, value } of bindings) this.assign(target, this.evaluate(value, outer), scope);
    return this.run(body, scope, output);
  }

  private callBlock(statement: CallStatement, scope: Scope): string {
    const { callee, args } = statement.call;
    const caller = macro({ ...statement, name: 'caller' }, scope, this, this.evaluator);
    const called = this.evaluate(callee, scope);
    const { positional, keywords } = this.evaluator.given(args, scope);
    if (keywords.has('caller')) throw new TemplateError("got multiple values for keyword argument 'caller'");
    const given = { positional, keywords: new Map([...keywords, ['caller', caller]]) };
    return str(this.evaluator.called(called, given), this.budget);
  }

  private for(statement: ForStatement, outer: Scope, output: Output, given?: Value, depth = 0): Jump {
    const all = itemsOf(given === undefined ? this.evaluate(statement.iterable, outer) : given);
    this.budget.take(all.length);
    const items = statement.filter ? all.filter((each) => this.passes(statement, each, outer)) : all;
    const again = (more: Value) => {
      const inside: Output = [];
      this.for(statement, outer, inside, more, depth + 1);
      return this.joined(inside);
    };
    const loop = new Loop(items, depth, statement.isRecursive ? again : undefined);
    for (const [index, each] of items.entries()) {
      this.budget.take(ITEM);
      loop.index = index;
      const scope = this.inner(statement.body, outer);
      scope.set('loop', loop);
      this.assign(statement.target, each, scope);
      if (this.run(statement.body, scope, output) === 'break') return undefined;
    }
    if (items.length > 0) return undefined;
    return this.run(statement.otherwise, this.inner(statement.otherwise, outer), output);
  }

  private passes({ target, filter }: ForStatement, each: Value, outer: Scope): boolean {
    const scope = new Scope(outer);
    this.assign(target, each, scope);
    return filter === undefined || isTrue(this.evaluate(filter, scope));
  }

  private assign(target: Target, value: Value, scope: Scope): void {
    if (target.kind === 'name') scope.set(target.name, value);
    else if (target.kind === 'namespace') {
      const namespace = scope.find(target.name);
      if (!(namespace instanceof Namespace))
        throw new TemplateError('cannot assign attribute on non-namespace object');
      namespace.attributes.set(target.attribute, value);
    } else {
      const items = itemsOf(value);
      if (items.length !== target.items.length) {
        throw new TemplateError(`cannot unpack ${items.length} values into ${target.items.length} names`);
      }
      for (const [i, each] of target.items.entries()) this.assign(each, items[i] ?? null, scope);
    }
  }
}
