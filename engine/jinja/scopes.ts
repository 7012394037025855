/**
 * Which names a template reads and writes where, as jinja2 finds out before it runs it (`idtracking.py`): a name that a
 * scope writes before it reads it is undefined there until then, even where a variable of that name was given.
 */
import { TemplateError } from './errors';
import { FILTER_NAMES } from './filter-names';
import type { Body, Expression, ForStatement, Parameter, Statement, Target } from './nodes';
import { TESTS } from './tests';
import { assigns, childrenOf, namesOf, reads } from './walk';

/** How a name begins in a scope: given by the call, from the variables, from an outer scope, or as nothing. */
type Load = 'parameter' | 'resolve' | 'outer' | 'nothing';

class Symbols {
  constructor(
    readonly parent: Symbols | undefined,
    readonly loads = new Map<string, Load>(),
    readonly stores = new Set<string>(),
  ) {}

  copy(): Symbols {
    return new Symbols(this.parent, new Map(this.loads), new Set(this.stores));
  }

  knows(name: string): boolean {
    return this.loads.has(name) || (this.parent?.knows(name) ?? false);
  }

  load(name: string): void {
    if (!this.knows(name)) this.loads.set(name, 'resolve');
  }

  store(name: string): void {
    this.stores.add(name);
    if (!this.loads.has(name)) this.loads.set(name, this.parent?.knows(name) ? 'outer' : 'nothing');
  }

  declare(name: string): void {
    this.stores.add(name);
    this.loads.set(name, 'parameter');
  }

  /** What is written in some branches only may be read as it was. */
  merge(branches: readonly Symbols[]): void {
    const written = new Set(
      branches.flatMap(({ stores }) => [...stores]).filter((name) => !this.stores.has(name)),
    );
    for (const { loads, stores } of branches) {
      for (const [name, load] of loads) this.loads.set(name, load);
      for (const name of stores) this.stores.add(name);
    }
    for (const name of written) this.loads.set(name, this.parent?.knows(name) ? 'outer' : 'resolve');
  }
}

/** Done once all of a scope's own names are known. */
type Later = (symbols: Symbols) => void;

export interface Scopes {
  /** The names that begin as undefined in the scope of a body. */
  readonly undefinedIn: ReadonlyMap<Body, readonly string[]>;
  /** The names that are read from what the template is given. */
  readonly reads: ReadonlySet<string>;
  /** Which of caller, kwargs and varargs a macro's body reads. */
  readonly specialsIn: ReadonlyMap<Body, readonly string[]>;
}

/** @throws TemplateError for filters and tests that jinja2 does not have, where it refuses them before it runs */
export function findScopes(template: Body): Scopes {
  const finder = new ScopeFinder();
  finder.scope(template, undefined, [], []);
  return finder;
}

class ScopeFinder implements Scopes {
  readonly undefinedIn = new Map<Body, readonly string[]>();
  readonly reads = new Set<string>();
  readonly specialsIn = new Map<Body, readonly string[]>();
  /** In a branch, an unknown filter is refused once it is used, and not before. */
  private isBranch = false;

  /** A body with a scope of its own; `before` is evaluated in it as well. */
  scope(
    body: Body,
    parent: Symbols | undefined,
    parameters: readonly string[],
    before: readonly (Expression | undefined)[],
  ): void {
    const outerBranch = this.isBranch;
    this.isBranch = false;
    const symbols = new Symbols(parent);
    const inner: Later[] = [];
    for (const name of parameters) symbols.declare(name);
    for (const expression of before) this.expression(expression, symbols);
    this.body(body, symbols, inner);
    const names = [...symbols.loads];
    this.undefinedIn.set(
      body,
      names.filter(([, load]) => load === 'nothing').map(([name]) => name),
    );
    for (const [name, load] of names) if (load === 'resolve') this.reads.add(name);
    // What lies inside sees all that this scope knows, wherever it is written.
    for (const find of inner) find(symbols);
    this.isBranch = outerBranch;
  }

  private body(body: Body, symbols: Symbols, inner: Later[]): void {
    for (const statement of body) this.statement(statement, symbols, inner);
  }

  private statement(statement: Statement, symbols: Symbols, inner: Later[]): void {
    switch (statement.kind) {
      case 'text':
      case 'break':
      case 'continue':
        return;
      case 'output':
        this.expression(statement.value, symbols);
        return;
      case 'set':
        this.expression(statement.value, symbols);
        this.target(statement.target, symbols);
        return;
      case 'set block':
        this.target(statement.target, symbols);
        inner.push((all) => this.scope(statement.body, all, [], [statement.filter]));
        return;
      case 'filter block':
        this.expression(statement.filter, symbols);
        inner.push((all) => this.scope(statement.body, all, [], [statement.filter]));
        return;
      case 'with':
        for (const { value } of statement.bindings) this.expression(value, symbols);
        inner.push((all) =>
          this.scope(
            statement.body,
            all,
            statement.bindings.flatMap(({ target }) => namesOf(target)),
            [],
          ),
        );
        return;
      case 'generation':
        inner.push((all) => this.scope(statement.body, all, [], []));
        return;
      case 'if':
        this.branches(statement, symbols, inner);
        return;
      case 'for':
        this.expression(statement.iterable, symbols);
        inner.push((all) => this.loop(statement, all));
        return;
      case 'macro':
        symbols.store(statement.name);
        inner.push((all) => this.macro(statement, all));
        return;
      case 'call block':
        this.expression(statement.call, symbols);
        inner.push((all) => this.macro(statement, all));
    }
  }

  private branches(
    { branches, otherwise }: Extract<Statement, { kind: 'if' }>,
    symbols: Symbols,
    inner: Later[],
  ): void {
    const outer = this.isBranch;
    this.isBranch = true;
    const [first, ...more] = branches;
    if (first) this.expression(first.test, symbols);
    const copies = [first?.body ?? [], undefined, otherwise].map((body) => {
      const copy = symbols.copy();
      if (body) this.body(body, copy, inner);
      else if (more.length > 0) this.elifs(more, copy, inner);
      return copy;
    });
    symbols.merge(copies);
    this.isBranch = outer;
  }

  /** Each is an `if` of its own, one after another. */
  private elifs(
    branches: Extract<Statement, { kind: 'if' }>['branches'],
    symbols: Symbols,
    inner: Later[],
  ): void {
    for (const branch of branches)
      this.branches({ kind: 'if', branches: [branch], otherwise: [] }, symbols, inner);
  }

  private loop({ target, filter, body, otherwise }: ForStatement, symbols: Symbols): void {
    const names = namesOf(target);
    if (names.includes('loop') || assigns(body, 'loop') || assigns(otherwise, 'loop')) {
      throw new TemplateError("Can't assign to special loop variable in for-loop target");
    }
    const filtered = new Symbols(symbols);
    for (const name of names) filtered.declare(name);
    this.expression(filter, filtered);
    for (const [name, load] of filtered.loads) if (load === 'resolve') this.reads.add(name);
    this.scope(body, symbols, ['loop', ...names], []);
    this.scope(otherwise, symbols, [], []);
  }

  private macro(
    { parameters, body }: { readonly parameters: readonly Parameter[]; readonly body: Body },
    symbols: Symbols,
  ): void {
    const names = parameters.map(({ name }) => name);
    const defaults = parameters.map(({ fallback }) => fallback);
    const specials = ['caller', 'kwargs', 'varargs'].filter(
      (name) => !names.includes(name) && reads(body, name),
    );
    this.specialsIn.set(body, specials);
    this.scope(body, symbols, [...specials, ...names], defaults);
  }

  private target(target: Target, symbols: Symbols): void {
    if (target.kind === 'namespace') symbols.load(target.name);
    else if (target.kind === 'name') symbols.store(target.name);
    else for (const each of target.items) this.target(each, symbols);
  }

  private expression(node: Expression | undefined, symbols: Symbols): void {
    if (!node) return;
    const outer = this.isBranch;
    if (node.kind === 'name') symbols.load(node.name);
    if (node.kind === 'condition') this.isBranch = true;
    if (node.kind === 'filter' && !this.isBranch && !FILTER_NAMES.has(node.name)) {
      throw new TemplateError(`No filter named '${node.name}'.`);
    }
    if (node.kind === 'test' && !this.isBranch && !TESTS.has(node.name)) {
      throw new TemplateError(`No test named '${node.name}'.`);
    }
    for (const child of childrenOf(node)) this.expression(child, symbols);
    this.isBranch = outer;
  }
}
