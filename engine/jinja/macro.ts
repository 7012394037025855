/** Macros, and the body of a call block, which is one without a name. */
import { TemplateError } from './errors';
import type { Evaluator } from './evaluator';
import type { Body, Parameter } from './nodes';
import type { Scope } from './scope';
import type { Scopes } from './scopes';
import { Callable, Dict, type Given, or, Tuple, Undefined, type Value } from './values';

interface Definition {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly body: Body;
}

interface Renderer {
  readonly scopes: Scopes;
  render(body: Body, outer: Scope, prepare: (scope: Scope) => void): string;
}

export function macro(
  definition: Definition,
  outer: Scope,
  renderer: Renderer,
  evaluator: Evaluator,
): Callable {
  return new Callable(definition.name, (given) =>
    renderer.render(definition.body, outer, (scope) =>
      setParameters(definition, given, scope, renderer.scopes, evaluator),
    ),
  );
}

/** @throws TemplateError for more than it takes */
function setParameters(
  { name, parameters, body }: Definition,
  given: Given,
  scope: Scope,
  scopes: Scopes,
  evaluator: Evaluator,
): void {
  const { positional } = given;
  const keywords = new Map(given.keywords);
  const values: (Value | undefined)[] = positional.slice(0, parameters.length);
  for (const parameter of parameters.slice(values.length)) {
    values.push(keywords.get(parameter.name));
    keywords.delete(parameter.name);
  }
  const specials = scopes.specialsIn.get(body) ?? [];
  if (specials.includes('caller')) {
    scope.set(
      'caller',
      or(keywords.get('caller'), () => new Undefined('No caller defined')),
    );
    keywords.delete('caller');
  }
  if (specials.includes('kwargs')) scope.set('kwargs', new Dict(keywords));
  else if (keywords.size > 0) {
    throw new TemplateError(`macro '${name}' takes no keyword argument '${[...keywords.keys()][0]}'`);
  }
  if (specials.includes('varargs')) scope.set('varargs', new Tuple(positional.slice(parameters.length)));
  else if (positional.length > parameters.length) {
    throw new TemplateError(`macro '${name}' takes not more than ${parameters.length} argument(s)`);
  }
  for (const [i, parameter] of parameters.entries()) {
    const missing = () => {
      const { fallback, name: parameterName } = parameter;
      if (fallback) return evaluator.evaluate(fallback, scope);
      return new Undefined(`parameter '${parameterName}' was not provided`);
    };
    scope.set(parameter.name, or(values[i], missing));
  }
}
