/** A template's text to tokens, as jinja2's `lexer.py` does with `trim_blocks` and `lstrip_blocks`. */
import { TemplateError, Unsupported } from './errors';
import { unescapeString } from './string-literal';
import { BLANK, isBlank, stripEnd } from './strip';

export type TokenType =
  | 'text'
  | 'name'
  | 'string'
  | 'integer'
  | 'float'
  | 'operator'
  | 'block begin'
  | 'block end'
  | 'variable begin'
  | 'variable end'
  | 'end';

export interface Token {
  readonly type: TokenType;
  /** A string's is unescaped, a number's without underscores. */
  readonly value: string;
  readonly line: number;
}

const RAW_BEGIN = new RegExp(`\\{%([-+]?)${BLANK}*raw${BLANK}*(?:(-)%\\}|%\\})`, 'y');
const RAW_END = new RegExp(`\\{%([-+]?)${BLANK}*endraw${BLANK}*([-+]?)%\\}`, 'g');
const FLOAT = /(?<!\.)(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy;
const INTEGER = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy;
const NAME = /[\p{L}\p{N}_]+/uy;
const OPERATOR = /\/\/|\*\*|==|!=|>=|<=|[-+/*%~[\](){}><=.:|,;]/y;
const CLOSING: Record<string, string> = { '(': ')', '[': ']', '{': '}' };

/** @throws TemplateError, Unsupported */
export function tokenize(source: string): Token[] {
  return new Lexer(normalizeNewlines(source)).run();
}

/** Every kind of line end becomes a newline; one at the very end is left out. */
function normalizeNewlines(source: string): string {
  return source.replaceAll(/\r\n?/g, '\n').replace(/\n$/, '');
}

class Lexer {
  private readonly tokens: Token[] = [];
  private position = 0;
  private line = 1;
  private counted = 0;
  /** Whether what lies before `position` ended with a newline. */
  private startsLine = true;

  constructor(private readonly source: string) {}

  run(): Token[] {
    while (this.position < this.source.length) this.readText();
    this.push('end', '');
    return this.tokens;
  }

  /** Text up to the next tag, and that tag. */
  private readText(): void {
    const begin = this.nextTag();
    if (begin < 0) {
      this.push('text', this.source.slice(this.position));
      this.position = this.source.length;
      return;
    }
    RAW_BEGIN.lastIndex = begin;
    const raw = RAW_BEGIN.exec(this.source);
    const kind = this.source[begin + 1];
    const sign = raw ? (raw[1] ?? '') : (/[-+]/.exec(this.source[begin + 2] ?? '')?.[0] ?? '');
    const text = this.source.slice(this.position, begin);
    this.push('text', this.leftTrimmed(text, sign, kind === '{'));
    this.advance(begin + 2 + sign.length);
    if (raw) this.readRaw(begin + raw[0].length, raw[2] === '-');
    else if (kind === '#') this.readComment();
    else this.readTag(kind === '{' ? 'variable' : 'block');
  }

  private nextTag(): number {
    for (let at = this.source.indexOf('{', this.position); at >= 0; at = this.source.indexOf('{', at + 1)) {
      if ('{%#'.includes(this.source[at + 1] ?? ' ')) return at;
    }
    return -1;
  }

  private leftTrimmed(text: string, sign: string, isVariable: boolean): string {
    if (sign === '-') return stripEnd(text);
    if (sign === '+' || isVariable) return text;
    const lineStart = text.lastIndexOf('\n') + 1;
    const isIndent = (lineStart > 0 || this.startsLine) && isBlank(text.slice(lineStart));
    return isIndent ? text.slice(0, lineStart) : text;
  }

  private readComment(): void {
    const end = this.source.indexOf('#}', this.position);
    if (end < 0) throw this.fail('a comment has no end');
    const sign = end > this.position ? this.source[end - 1] : '';
    this.advance(end + 2);
    this.trimAfter(sign === '-' || sign === '+' ? sign : '', true);
  }

  private readRaw(start: number, trimsStart: boolean): void {
    this.advance(start);
    if (trimsStart) this.trimAfter('-', false);
    RAW_END.lastIndex = this.position;
    const end = RAW_END.exec(this.source);
    if (!end) throw this.fail('a raw block has no end');
    this.push('text', this.leftTrimmed(this.source.slice(this.position, end.index), end[1] ?? '', false));
    this.advance(RAW_END.lastIndex);
    this.trimAfter(end[2] ?? '', true);
  }

  private readTag(kind: 'block' | 'variable'): void {
    this.push(`${kind} begin`, '');
    const open: string[] = [];
    for (;;) {
      this.skipBlanks();
      if (this.position >= this.source.length) return;
      if (open.length === 0) {
        const end = this.endOf(kind);
        if (end) {
          this.push(`${kind} end`, '');
          this.advance(this.position + end.length);
          this.trimAfter(end.length === 3 ? (end[0] ?? '') : '', kind === 'block');
          return;
        }
      }
      this.readToken(open);
    }
  }

  private endOf(kind: 'block' | 'variable'): string | undefined {
    const ends = kind === 'block' ? ['+%}', '-%}', '%}'] : ['-}}', '}}'];
    return ends.find((end) => this.source.startsWith(end, this.position));
  }

  private readToken(open: string[]): void {
    const quote = this.source[this.position];
    if (quote === '"' || quote === "'") {
      this.readString(quote);
      return;
    }
    for (const [type, pattern] of [
      ['float', FLOAT],
      ['integer', INTEGER],
      ['name', NAME],
      ['operator', OPERATOR],
    ] as const) {
      pattern.lastIndex = this.position;
      const found = pattern.exec(this.source)?.[0];
      if (found === undefined) continue;
      if (type === 'name' && !/^[\p{L}_]/u.test(found)) throw this.fail('invalid character in identifier');
      if (type === 'operator') this.balance(open, found);
      this.push(type, type === 'name' || type === 'operator' ? found : found.replaceAll('_', ''));
      this.advance(this.position + found.length);
      return;
    }
    throw this.fail(`unexpected character ${JSON.stringify(quote)}`);
  }

  private balance(open: string[], operator: string): void {
    const closing = CLOSING[operator];
    if (closing) open.push(closing);
    else if (')]}'.includes(operator) && open.pop() !== operator) throw this.fail(`unexpected '${operator}'`);
  }

  private readString(quote: string): void {
    let end = this.position + 1;
    while (end < this.source.length && this.source[end] !== quote) end += this.source[end] === '\\' ? 2 : 1;
    if (end >= this.source.length) throw this.fail('a string has no end');
    const literal = unescapeString(this.source.slice(this.position + 1, end));
    if (literal === undefined) throw this.fail('a string has a broken escape');
    if (literal === null) throw new Unsupported('a character by its name (\\N{…})');
    this.push('string', literal);
    this.advance(end + 1);
  }

  /** After a tag's end: `-` takes all white space, none the newline that `trim_blocks` takes. */
  private trimAfter(sign: string, trimsNewline: boolean): void {
    if (sign === '-') this.skipBlanks();
    else if (sign === '' && trimsNewline && this.source[this.position] === '\n')
      this.advance(this.position + 1);
  }

  private skipBlanks(): void {
    let end = this.position;
    while (end < this.source.length && isBlank(this.source[end] ?? '')) end++;
    if (end > this.position) this.advance(end);
  }

  private advance(end: number): void {
    this.position = end;
    this.startsLine = this.source[end - 1] === '\n';
  }

  private push(type: TokenType, value: string): void {
    if (type === 'text' && value === '') return;
    for (; this.counted < this.position; this.counted++) if (this.source[this.counted] === '\n') this.line++;
    this.tokens.push({ type, value, line: this.line });
  }

  private fail(message: string): TemplateError {
    const line = this.source.slice(0, this.position).split('\n').length;
    return new TemplateError(`${message} (line ${line})`);
  }
}
