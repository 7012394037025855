/** What may stand after `is`. */
import { bind, required } from './arguments';
import type { Budget } from './budget';
import { isCased } from './case';
import { compare, contains, equal } from './comparisons';
import { TemplateError, Unsupported } from './errors';
import { FILTER_NAMES } from './filter-names';
import { binary } from './operators';
import { str } from './text';
import {
  Callable,
  Dict,
  DictView,
  type Given,
  Iterator,
  isList,
  Loop,
  Markup,
  numeric,
  Range,
  Tuple,
  Undefined,
  type Value,
} from './values';

type Test = (value: Value, given: Given, budget: Budget) => boolean;

const comparison =
  (operator: '==' | '!=' | '<' | '<=' | '>' | '>='): Test =>
  (value, given) =>
    compare(operator, value, other(operator, given));
const isText = (value: Value) => typeof value === 'string' || value instanceof Markup;

export const TESTS: ReadonlyMap<string, Test> = new Map<string, Test>([
  ['boolean', (value) => typeof value === 'boolean'],
  ['callable', (value) => value instanceof Callable || value instanceof Loop],
  ['defined', (value) => !(value instanceof Undefined)],
  [
    'divisibleby',
    (value, given, budget) => equal(binary('%', value, other('divisibleby', given), budget), 0n),
  ],
  ['escaped', (value) => value instanceof Markup],
  ['even', (value, _, budget) => equal(binary('%', value, 2n, budget), 0n)],
  ['odd', (value, _, budget) => equal(binary('%', value, 2n, budget), 1n)],
  ['false', (value) => value === false],
  ['true', (value) => value === true],
  ['filter', (value) => typeof value === 'string' && FILTER_NAMES.has(value)],
  ['test', (value) => typeof value === 'string' && TESTS.has(value)],
  ['float', (value) => typeof value === 'number'],
  ['integer', (value) => typeof value === 'bigint'],
  ['number', (value) => numeric(value) !== undefined],
  [
    'iterable',
    (value) =>
      isText(value) ||
      value instanceof Iterator ||
      isSequence(value) ||
      value instanceof DictView ||
      value instanceof Loop,
  ],
  ['sequence', (value) => isText(value) || isSequence(value)],
  ['mapping', (value) => value instanceof Dict],
  ['string', isText],
  ['none', (value) => value === null],
  ['undefined', (value) => value instanceof Undefined],
  ['lower', (value, _, budget) => isCased(str(value, budget), 'lower')],
  ['upper', (value, _, budget) => isCased(str(value, budget), 'upper')],
  ['sameas', (value, given) => isSame(value, other('sameas', given))],
  ['in', (value, given) => contains(other('in', given), value)],
  ...(['eq', 'equalto', '=='] as const).map((name) => [name, comparison('==')] as const),
  ...(['ne', '!='] as const).map((name) => [name, comparison('!=')] as const),
  ...(['lt', 'lessthan', '<'] as const).map((name) => [name, comparison('<')] as const),
  ...(['gt', 'greaterthan', '>'] as const).map((name) => [name, comparison('>')] as const),
  ...(['le', '<='] as const).map((name) => [name, comparison('<=')] as const),
  ...(['ge', '>='] as const).map((name) => [name, comparison('>=')] as const),
]);

const ALONE = new Set(
  'boolean callable defined escaped even odd false true filter test float integer number'.split(' '),
);

/** `value is name(…)`. @throws TemplateError, Unsupported */
export function test(name: string, value: Value, given: Given, budget: Budget): boolean {
  const known = TESTS.get(name);
  if (!known) throw new TemplateError(`No test named '${name}'.`);
  if (ALONE.has(name)) bind(name, [], given);
  return known(value, given, budget);
}

function other(name: string, given: Given): Value {
  return required(bind(name, ['other'], given)[0], name);
}

/** Has a length and items by number, as far as jinja2 looks: undefined passes too. */
function isSequence(value: Value): boolean {
  return (
    isList(value) ||
    value instanceof Tuple ||
    value instanceof Dict ||
    value instanceof Range ||
    value instanceof Undefined
  );
}

/** Python's `is`, where it does not depend on how objects are kept. */
function isSame(value: Value, same: Value): boolean {
  const isSingle = (each: Value) => each === null || typeof each === 'boolean';
  if (isSingle(value) || isSingle(same)) return value === same;
  throw new Unsupported('sameas with other than true, false and none');
}
