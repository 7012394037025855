/** The tokens that a parser reads, one after another. */
import { TemplateError } from './errors';
import type { Token, TokenType } from './lexer';

export class TokenStream {
  private at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  get current(): Token {
    return this.ahead(0);
  }

  ahead(by: number): Token {
    const token = this.tokens[Math.min(this.at + by, this.tokens.length - 1)];
    if (!token) throw new TemplateError('the template has no tokens');
    return token;
  }

  next(): Token {
    const token = this.current;
    this.at++;
    return token;
  }

  is(type: TokenType, value?: string): boolean {
    return this.current.type === type && (value === undefined || this.current.value === value);
  }

  isName(...names: string[]): boolean {
    return this.current.type === 'name' && names.includes(this.current.value);
  }

  isOperator(...operators: string[]): boolean {
    return this.current.type === 'operator' && operators.includes(this.current.value);
  }

  /** Takes the token if it is the one. */
  skip(type: TokenType, value: string): boolean {
    const found = this.is(type, value);
    if (found) this.at++;
    return found;
  }

  expect(type: TokenType, value?: string): Token {
    if (!this.is(type, value)) throw this.fail(`expected ${value ?? type}, got ${this.described()}`);
    return this.next();
  }

  described(): string {
    const { type, value } = this.current;
    return ['name', 'operator', 'integer', 'float'].includes(type) ? `'${value}'` : type;
  }

  fail(message: string, line = this.current.line): TemplateError {
    return new TemplateError(`${message} (line ${line})`);
  }
}
