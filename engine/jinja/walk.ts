/** What lies below a node of a template's syntax tree. */
import type { Arguments, Body, Expression, Statement, Target } from './nodes';

export function namesOf(target: Target): string[] {
  if (target.kind === 'targets') return target.items.flatMap(namesOf);
  return target.kind === 'name' ? [target.name] : [];
}

/** Whether a name is written anywhere below. */
export function assigns(body: Body, name: string): boolean {
  return body.some(
    (statement) =>
      namesIn(statement).includes(name) || bodiesOf(statement).some((inner) => assigns(inner, name)),
  );
}

/** Whether a name is read anywhere below. */
export function reads(body: Body, name: string): boolean {
  return body.some(
    (statement) =>
      expressionsOf(statement).some((expression) => mentions(expression, name)) ||
      bodiesOf(statement).some((inner) => reads(inner, name)),
  );
}

function mentions(expression: Expression | undefined, name: string): boolean {
  if (!expression) return false;
  if (expression.kind === 'name') return expression.name === name;
  return childrenOf(expression).some((child) => mentions(child, name));
}

function namesIn(statement: Statement): readonly string[] {
  if (statement.kind === 'with') return statement.bindings.flatMap(({ target }) => namesOf(target));
  return 'target' in statement ? namesOf(statement.target) : [];
}

function bodiesOf(statement: Statement): readonly Body[] {
  if (statement.kind === 'if') return [...statement.branches.map(({ body }) => body), statement.otherwise];
  if (statement.kind === 'for') return [statement.body, statement.otherwise];
  return 'body' in statement ? [statement.body] : [];
}

function expressionsOf(statement: Statement): readonly (Expression | undefined)[] {
  switch (statement.kind) {
    case 'output':
    case 'set':
      return [statement.value];
    case 'set block':
    case 'filter block':
      return [statement.filter];
    case 'with':
      return statement.bindings.map(({ value }) => value);
    case 'if':
      return statement.branches.map(({ test }) => test);
    case 'for':
      return [statement.iterable, statement.filter];
    case 'macro':
      return statement.parameters.map(({ fallback }) => fallback);
    case 'call block':
      return [statement.call, ...statement.parameters.map(({ fallback }) => fallback)];
    case 'text':
    case 'generation':
    case 'break':
    case 'continue':
      return [];
  }
}

export function childrenOf(node: Expression): readonly (Expression | undefined)[] {
  switch (node.kind) {
    case 'constant':
    case 'name':
      return [];
    case 'list':
    case 'tuple':
      return node.items;
    case 'dict':
      return node.pairs.flat();
    case 'unary':
      return [node.operand];
    case 'binary':
    case 'and':
    case 'or':
      return [node.left, node.right];
    case 'concat':
      return node.parts;
    case 'compare':
      return [node.first, ...node.rest.map(({ operand }) => operand)];
    case 'condition':
      return [node.test, node.value, node.otherwise];
    case 'attribute':
      return [node.object];
    case 'item':
      return [node.object, node.key];
    case 'slice':
      return [node.object, ...node.bounds];
    case 'call':
      return [node.callee, ...inArguments(node.args)];
    case 'filter':
    case 'test':
      return [node.operand, ...inArguments(node.args)];
  }
}

function inArguments({
  positional,
  keywords,
  rest,
  keywordRest,
}: Arguments): readonly (Expression | undefined)[] {
  return [...positional, ...keywords.map(([, value]) => value), rest, keywordRest];
}
