/**
 * Chat templates as transformers renders them: jinja2's immutable sandbox with trim_blocks, lstrip_blocks, loop
 * controls, the generation tag, and transformers' own tojson, raise_exception and strftime_now. A rendering is the same
 * as there, or it is refused.
 */
import type { Json } from '../protocol';
import { Budget } from './budget';
import { GLOBAL_NAMES, globals } from './globals';
import { Interpreter } from './interpreter';
import type { Body } from './nodes';
import { parse } from './parser';
import { Scope } from './scope';
import { findScopes, type Scopes } from './scopes';
import { fromJson } from './values';

export class Template {
  private readonly body: Body;
  private readonly scopes: Scopes;

  /** @throws TemplateError, Unsupported */
  constructor(source: string) {
    this.body = parse(source);
    this.scopes = findScopes(this.body);
  }

  /** The names that the template reads and does not write first, other than functions. */
  names(): string[] {
    return [...this.scopes.reads].filter((name) => !GLOBAL_NAMES.includes(name));
  }

  /** @throws TemplateError, Unsupported */
  render(variables: Readonly<Record<string, Json>>, now: Date): string {
    const budget = new Budget();
    const scope = new Scope();
    for (const [name, value] of globals(now, budget)) scope.set(name, value);
    const given = new Scope(scope);
    for (const [name, value] of Object.entries(variables)) given.set(name, fromJson(value));
    return new Interpreter(this.scopes, budget).render(this.body, given);
  }
}
