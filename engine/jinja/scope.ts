/** The names of a part of a template, and what they stand for. */
import type { Value } from './values';

export class Scope {
  /** Undefined (of JavaScript): written here later on, and hidden until then. */
  private readonly values = new Map<string, Value | undefined>();

  constructor(
    private readonly parent?: Scope,
    hidden: readonly string[] = [],
  ) {
    for (const name of hidden) this.values.set(name, undefined);
  }

  find(name: string): Value | undefined {
    return this.values.has(name) ? this.values.get(name) : this.parent?.find(name);
  }

  set(name: string, value: Value): void {
    this.values.set(name, value);
  }
}
