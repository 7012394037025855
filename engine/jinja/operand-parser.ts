/** What operators stand between: literals, names, and what follows them (attributes, calls, filters, tests). */
import { Unsupported } from './errors';
import type { Arguments, Constant, Expression, FilterCall } from './nodes';
import type { TokenStream } from './token-stream';

const CONSTANTS: ReadonlyMap<string, Constant> = new Map([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
]);
const NO_ARGUMENTS: Arguments = { positional: [], keywords: [], rest: undefined, keywordRest: undefined };

export abstract class OperandParser {
  constructor(protected readonly tokens: TokenStream) {}

  protected abstract expression(): Expression;

  /** Without a condition behind it. */
  protected abstract or(): Expression;

  protected primary(): Expression {
    const token = this.tokens.current;
    switch (token.type) {
      case 'name': {
        this.tokens.next();
        const constant = CONSTANTS.get(token.value);
        return constant === undefined
          ? { kind: 'name', name: token.value }
          : { kind: 'constant', value: constant };
      }
      case 'string': {
        let text = '';
        while (this.tokens.is('string')) text += this.tokens.next().value;
        return { kind: 'constant', value: text };
      }
      case 'integer':
        return { kind: 'constant', value: BigInt(this.tokens.next().value) };
      case 'float':
        return { kind: 'constant', value: Number(this.tokens.next().value) };
      default:
        return this.bracketed();
    }
  }

  private bracketed(): Expression {
    if (this.tokens.skip('operator', '(')) {
      const inside = this.tuple({ isParenthesised: true });
      this.tokens.expect('operator', ')');
      return inside;
    }
    if (this.tokens.skip('operator', '[')) {
      const items: Expression[] = [];
      this.commaSeparated(']', () => items.push(this.expression()));
      return { kind: 'list', items };
    }
    if (this.tokens.skip('operator', '{')) {
      const pairs: [Expression, Expression][] = [];
      this.commaSeparated('}', () => {
        const key = this.expression();
        this.tokens.expect('operator', ':');
        pairs.push([key, this.expression()]);
      });
      return { kind: 'dict', pairs };
    }
    throw this.tokens.fail(`unexpected ${this.tokens.described()}`);
  }

  /** Up to and with `end`; a comma may stand before it. */
  protected commaSeparated(end: string, read: () => void): void {
    for (let isFirst = true; !this.tokens.isOperator(end); isFirst = false) {
      if (!isFirst) this.tokens.expect('operator', ',');
      if (this.tokens.isOperator(end)) break;
      read();
    }
    this.tokens.expect('operator', end);
  }

  /** One expression, or several with commas. @param end a name that ends it */
  protected tuple(
    how: { isParenthesised?: boolean; withoutCondition?: boolean; end?: string } = {},
  ): Expression {
    const items: Expression[] = [];
    let isTuple = false;
    const ends = () =>
      this.tokens.is('variable end') ||
      this.tokens.is('block end') ||
      this.tokens.isOperator(')') ||
      (how.end !== undefined && this.tokens.isName(how.end));
    while (!ends()) {
      items.push(how.withoutCondition ? this.or() : this.expression());
      if (!this.tokens.skip('operator', ',')) break;
      isTuple = true;
    }
    const [first] = items;
    if (!isTuple && first) return first;
    if (!isTuple && !how.isParenthesised) {
      throw this.tokens.fail(`expected an expression, got ${this.tokens.described()}`);
    }
    return { kind: 'tuple', items };
  }

  protected postfix(node: Expression): Expression {
    let value = node;
    for (;;) {
      if (this.tokens.skip('operator', '.')) value = this.afterDot(value);
      else if (this.tokens.skip('operator', '[')) value = this.subscript(value);
      else if (this.tokens.isOperator('(')) value = { kind: 'call', callee: value, args: this.args() };
      else return value;
    }
  }

  protected filtered(node: Expression): Expression {
    let value = node;
    for (;;) {
      if (this.tokens.isOperator('|')) value = this.filters(value) ?? value;
      else if (this.tokens.skip('name', 'is')) value = this.test(value);
      else if (this.tokens.isOperator('(')) value = { kind: 'call', callee: value, args: this.args() };
      else return value;
    }
  }

  private afterDot(object: Expression): Expression {
    const { type, value } = this.tokens.next();
    if (type === 'name') return { kind: 'attribute', object, name: value };
    if (type !== 'integer') throw this.tokens.fail('expected a name or a number after the dot');
    return { kind: 'item', object, key: { kind: 'constant', value: BigInt(value) } };
  }

  private subscript(object: Expression): Expression {
    const bounds: (Expression | undefined)[] = [undefined];
    const isBoundsEnd = () => this.tokens.isOperator(':', ']', ',');
    if (!isBoundsEnd()) bounds[0] = this.expression();
    while (bounds.length < 3 && this.tokens.skip('operator', ':')) {
      bounds.push(isBoundsEnd() ? undefined : this.expression());
    }
    if (this.tokens.isOperator(',')) throw new Unsupported('a subscript of several parts');
    this.tokens.expect('operator', ']');
    const [key, stop, step] = bounds;
    if (bounds.length > 1) return { kind: 'slice', object, bounds: [key, stop, step] };
    if (!key) throw this.tokens.fail('expected an expression between the brackets');
    return { kind: 'item', object, key };
  }

  protected args(): Arguments {
    const positional: Expression[] = [];
    const keywords: [string, Expression][] = [];
    let rest: Expression | undefined;
    let keywordRest: Expression | undefined;
    const { line } = this.tokens.expect('operator', '(');
    const ensure = (isAllowed: boolean) => {
      if (!isAllowed) throw this.tokens.fail('invalid syntax for function call expression', line);
    };
    this.commaSeparated(')', () => {
      const after = this.tokens.ahead(1);
      ensure(!keywordRest);
      if (this.tokens.skip('operator', '**')) keywordRest = this.expression();
      else if (this.tokens.is('name') && after.type === 'operator' && after.value === '=') {
        const name = this.tokens.next().value;
        this.tokens.next();
        if (keywords.some(([each]) => each === name))
          throw this.tokens.fail(`keyword argument repeated: ${name}`);
        keywords.push([name, this.expression()]);
      } else {
        ensure(!rest);
        if (this.tokens.skip('operator', '*')) rest = this.expression();
        else {
          ensure(keywords.length === 0);
          positional.push(this.expression());
        }
      }
    });
    return { positional, keywords, rest, keywordRest };
  }

  /** `| name(…)`, as often as it follows. */
  protected filters(operand: Expression | undefined): FilterCall | undefined {
    let filter: FilterCall | undefined;
    while (this.tokens.skip('operator', '|')) filter = this.filter(filter ?? operand);
    return filter;
  }

  protected filter(operand: Expression | undefined): FilterCall {
    const name = this.dottedName();
    return { kind: 'filter', operand, name, args: this.tokens.isOperator('(') ? this.args() : NO_ARGUMENTS };
  }

  private test(operand: Expression): Expression {
    const isNegated = this.tokens.skip('name', 'not');
    const name = this.dottedName();
    let args = NO_ARGUMENTS;
    if (this.tokens.isOperator('(')) args = this.args();
    else if (this.startsTestArgument()) {
      if (this.tokens.isName('is')) throw this.tokens.fail('tests cannot be chained with is');
      args = { ...NO_ARGUMENTS, positional: [this.postfix(this.primary())] };
    }
    const test: Expression = { kind: 'test', operand, name, args };
    return isNegated ? { kind: 'unary', operator: 'not', operand: test } : test;
  }

  private startsTestArgument(): boolean {
    if (this.tokens.is('name')) return !this.tokens.isName('else', 'or', 'and');
    return (
      this.tokens.is('string') ||
      this.tokens.is('integer') ||
      this.tokens.is('float') ||
      this.tokens.isOperator('[', '{')
    );
  }

  private dottedName(): string {
    let name = this.tokens.expect('name').value;
    while (this.tokens.skip('operator', '.')) name += `.${this.tokens.expect('name').value}`;
    return name;
  }
}
