/** Expressions, by the grammar of jinja2's `parser.py`. */
import type { BinaryOperator, Comparison, Expression } from './nodes';
import { OperandParser } from './operand-parser';

type Operators = Readonly<Record<string, BinaryOperator>>;
const SUMS: Operators = { '+': '+', '-': '-' };
const PRODUCTS: Operators = { '*': '*', '/': '/', '//': '//', '%': '%' };
const POWERS: Operators = { '**': '**' };
const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '==': '==',
  '!=': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};
export class ExpressionParser extends OperandParser {
  protected expression(): Expression {
    let value = this.or();
    while (this.tokens.skip('name', 'if')) {
      const test = this.or();
      const otherwise = this.tokens.skip('name', 'else') ? this.expression() : undefined;
      value = { kind: 'condition', test, value, otherwise };
    }
    return value;
  }

  protected or(): Expression {
    let left = this.and();
    while (this.tokens.skip('name', 'or')) left = { kind: 'or', left, right: this.and() };
    return left;
  }

  private and(): Expression {
    let left = this.not();
    while (this.tokens.skip('name', 'and')) left = { kind: 'and', left, right: this.not() };
    return left;
  }

  private not(): Expression {
    if (!this.tokens.skip('name', 'not')) return this.compare();
    return { kind: 'unary', operator: 'not', operand: this.not() };
  }

  private compare(): Expression {
    const first = this.sum();
    const rest: { operator: Comparison; operand: Expression }[] = [];
    for (let operator = this.comparison(); operator; operator = this.comparison()) {
      rest.push({ operator, operand: this.sum() });
    }
    return rest.length === 0 ? first : { kind: 'compare', first, rest };
  }

  private comparison(): Comparison | undefined {
    const { type, value } = this.tokens.current;
    const operator = type === 'operator' ? COMPARISONS[value] : undefined;
    if (operator) this.tokens.next();
    if (operator) return operator;
    if (this.tokens.skip('name', 'in')) return 'in';
    const after = this.tokens.ahead(1);
    if (!this.tokens.isName('not') || after.type !== 'name' || after.value !== 'in') return undefined;
    this.tokens.next();
    this.tokens.next();
    return 'not in';
  }

  private sum(): Expression {
    return this.binary(SUMS, () => this.concat());
  }

  private concat(): Expression {
    const first = this.product();
    const parts = [first];
    while (this.tokens.skip('operator', '~')) parts.push(this.product());
    return parts.length === 1 ? first : { kind: 'concat', parts };
  }

  private product(): Expression {
    return this.binary(PRODUCTS, () => this.binary(POWERS, () => this.unary(true)));
  }

  private binary(operators: Operators, operand: () => Expression): Expression {
    let left = operand();
    for (;;) {
      const { type, value } = this.tokens.current;
      const operator = type === 'operator' ? operators[value] : undefined;
      if (!operator) return left;
      this.tokens.next();
      left = { kind: 'binary', operator, left, right: operand() };
    }
  }

  private unary(withFilter: boolean): Expression {
    const { value: sign } = this.tokens.current;
    let node: Expression;
    if (this.tokens.isOperator('-', '+')) {
      this.tokens.next();
      node = { kind: 'unary', operator: sign === '-' ? '-' : '+', operand: this.unary(false) };
    } else node = this.primary();
    node = this.postfix(node);
    return withFilter ? this.filtered(node) : node;
  }
}
