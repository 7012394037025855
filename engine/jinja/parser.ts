/** A template's text to its syntax tree. */
import { Unsupported } from './errors';
import { ExpressionParser } from './expression-parser';
import { tokenize } from './lexer';
import type { Body, ForStatement, IfStatement, Parameter, Statement, Target } from './nodes';
import { TokenStream } from './token-stream';

/** @throws TemplateError where jinja2 refuses it too, Unsupported */
export function parse(source: string): Body {
  return new Parser(new TokenStream(tokenize(source))).template();
}

/** Tags of jinja2 that no chat template needs. */
const REFUSED = ['block', 'extends', 'include', 'import', 'from', 'autoescape'];

/** Where `break` and `continue` may stand: Python refuses them outside a loop. */
type Loop = 'none' | 'direct' | 'buffered';

class Parser extends ExpressionParser {
  private loop: Loop = 'none';

  template(): Body {
    const body = this.body([]);
    if (!this.tokens.is('end')) throw this.tokens.fail(`unexpected ${this.tokens.described()}`);
    return body;
  }

  /** Up to the name in `ends` that begins a tag, which is not taken. */
  private body(ends: readonly string[]): Body {
    const statements: Statement[] = [];
    for (;;) {
      const token = this.tokens.current;
      if (token.type === 'end') {
        if (ends.length > 0)
          throw this.tokens.fail(`the template ends where ${ends.join(' or ')} was expected`);
        return statements;
      }
      this.tokens.next();
      if (token.type === 'text') statements.push({ kind: 'text', text: token.value });
      else if (token.type === 'variable begin') {
        statements.push({ kind: 'output', value: this.tuple() });
        this.tokens.expect('variable end');
      } else {
        if (this.tokens.isName(...ends)) return statements;
        statements.push(...this.statement());
        this.tokens.expect('block end');
      }
    }
  }

  /** A block's body, up to the tag that ends it. @param loop whether `break` and `continue` may stand in it */
  private block(ends: readonly string[], loop: Loop = this.loop): Body {
    this.tokens.skip('operator', ':');
    this.tokens.expect('block end');
    const outer = this.loop;
    this.loop = loop;
    const body = this.body(ends);
    this.loop = outer;
    return body;
  }

  /** A block with one way to end. */
  private closed(end: string, loop?: Loop): Body {
    const body = this.block([end], loop);
    this.tokens.next();
    return body;
  }

  private statement(): Statement[] {
    const { type, value: tag, line } = this.tokens.next();
    if (type !== 'name') throw this.tokens.fail('tag name expected', line);
    if (REFUSED.includes(tag)) throw new Unsupported(`the tag {% ${tag} %}`);
    switch (tag) {
      case 'for':
        return [this.for()];
      case 'if':
        return [this.if()];
      case 'set':
        return [this.set()];
      case 'macro': {
        const name = this.tokens.expect('name').value;
        return [
          { kind: 'macro', name, parameters: this.parameters(), body: this.closed('endmacro', 'none') },
        ];
      }
      case 'call':
        return [this.callBlock()];
      case 'filter': {
        let filter = this.filter(undefined);
        if (this.tokens.isOperator('|')) filter = this.filters(filter) ?? filter;
        return [{ kind: 'filter block', filter, body: this.closed('endfilter', this.buffered()) }];
      }
      case 'with':
        return [this.with()];
      case 'print':
        return this.print();
      case 'generation':
        return [{ kind: 'generation', body: this.closed('endgeneration', 'none') }];
      case 'break':
      case 'continue':
        if (this.loop === 'none') throw this.tokens.fail(`'${tag}' outside a loop`, line);
        if (this.loop === 'buffered') throw new Unsupported(`{% ${tag} %} out of a block whose text is kept`);
        return [{ kind: tag }];
      default:
        throw this.tokens.fail(`unknown tag '${tag}'`, line);
    }
  }

  private buffered(): Loop {
    return this.loop === 'none' ? 'none' : 'buffered';
  }

  private for(): ForStatement {
    const target = this.target('in', false);
    this.tokens.expect('name', 'in');
    const iterable = this.tuple({ withoutCondition: true, end: 'recursive' });
    const filter = this.tokens.skip('name', 'if') ? this.expression() : undefined;
    const isRecursive = this.tokens.skip('name', 'recursive');
    const body = this.block(['endfor', 'else'], 'direct');
    const otherwise = this.tokens.next().value === 'else' ? this.closed('endfor') : [];
    return { kind: 'for', target, iterable, filter, isRecursive, body, otherwise };
  }

  private if(): IfStatement {
    const branches: { test: Expression; body: Body }[] = [];
    for (;;) {
      const test = this.tuple({ withoutCondition: true });
      branches.push({ test, body: this.block(['elif', 'else', 'endif']) });
      const { value: next } = this.tokens.next();
      if (next === 'elif') continue;
      return { kind: 'if', branches, otherwise: next === 'else' ? this.closed('endif') : [] };
    }
  }

  private set(): Statement {
    const target = this.target(undefined, true);
    if (this.tokens.skip('operator', '=')) return { kind: 'set', target, value: this.tuple() };
    const filter = this.filters(undefined);
    return { kind: 'set block', target, filter, body: this.closed('endset', this.buffered()) };
  }

  private callBlock(): Statement {
    const parameters = this.tokens.isOperator('(') ? this.parameters() : [];
    const call = this.expression();
    if (call.kind !== 'call') throw this.tokens.fail('expected a call');
    return { kind: 'call block', call, parameters, body: this.closed('endcall', 'none') };
  }

  private with(): Statement {
    const bindings: { target: Target; value: Expression }[] = [];
    while (!this.tokens.is('block end')) {
      if (bindings.length > 0) this.tokens.expect('operator', ',');
      const target = this.target(undefined, false);
      this.tokens.expect('operator', '=');
      bindings.push({ target, value: this.expression() });
    }
    return { kind: 'with', bindings, body: this.closed('endwith') };
  }

  private print(): Statement[] {
    const statements: Statement[] = [];
    while (!this.tokens.is('block end')) {
      if (statements.length > 0) this.tokens.expect('operator', ',');
      statements.push({ kind: 'output', value: this.expression() });
    }
    return statements;
  }

  private parameters(): Parameter[] {
    const parameters: Parameter[] = [];
    this.tokens.expect('operator', '(');
    while (!this.tokens.isOperator(')')) {
      if (parameters.length > 0) this.tokens.expect('operator', ',');
      const { value: name } = this.tokens.expect('name');
      const fallback = this.tokens.skip('operator', '=') ? this.expression() : undefined;
      if (!fallback && parameters.at(-1)?.fallback) {
        throw this.tokens.fail('non-default argument follows default argument');
      }
      parameters.push({ name, fallback });
    }
    this.tokens.expect('operator', ')');
    return parameters;
  }

  /** What is written to. @param end the name that follows it */
  private target(end: string | undefined, withNamespace: boolean): Target {
    const items: Target[] = [];
    let isTuple = false;
    while (!this.tokens.is('block end') && !(end && this.tokens.isName(end))) {
      items.push(this.singleTarget(withNamespace));
      if (!this.tokens.skip('operator', ',')) break;
      isTuple = true;
    }
    const [first] = items;
    if (isTuple) return { kind: 'targets', items };
    if (!first) throw this.tokens.fail(`expected a name, got ${this.tokens.described()}`);
    return first;
  }

  private singleTarget(withNamespace: boolean): Target {
    if (withNamespace && this.tokens.is('name') && this.tokens.ahead(1).value === '.') {
      const name = this.tokens.next().value;
      this.tokens.next();
      return { kind: 'namespace', name, attribute: this.tokens.expect('name').value };
    }
    return this.asTarget(this.primary());
  }

  private asTarget(node: Expression): Target {
    if (node.kind === 'name') return { kind: 'name', name: node.name };
    if (node.kind === 'tuple')
      return { kind: 'targets', items: node.items.map((each) => this.asTarget(each)) };
    throw this.tokens.fail(`cannot assign to ${node.kind}`);
  }
}

type Expression = IfStatement['branches'][number]['test'];
