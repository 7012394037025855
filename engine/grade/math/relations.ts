/** Equations and inequalities: the same sides, the same zeros, or the interval that they say. */
import { difference, proportional, sameScalars } from './algebra';
import { type Understood, understand } from './meaning';
import { isNamed } from './read';
import { all, either, type Told } from './told';
import type { RelationOperator, Value, ValueOf } from './value';

export type Relation = ValueOf<'relation'>;
type Same = (gold: Value, answer: Value) => Told;

const FLIPPED: Readonly<Record<RelationOperator, RelationOperator>> = {
  '=': '=',
  '≠': '≠',
  '≡': '≡',
  '<': '>',
  '>': '<',
  '≤': '≥',
  '≥': '≤',
};

/** @param same compares sides */
export function sameRelations(gold: Relation, answer: Relation, same: Same): Told {
  if (gold.sides.length !== answer.sides.length) return false;
  if (gold.sides.length === 2) return samePair(gold, answer, same);
  const forward = everyPair(gold, answer, same);
  return forward === true ? true : either(forward, () => everyPair(gold, flipped(answer), same));
}

function everyPair(gold: Relation, answer: Relation, same: Same): Told {
  return all(gold.operators.map((_, place) => () => samePair(pair(gold, place), pair(answer, place), same)));
}

function pair({ sides, operators }: Relation, place: number): Relation {
  return { kind: 'relation', sides: sides.slice(place, place + 2), operators: [operators[place]!] };
}

function flipped({ sides, operators }: Relation): Relation {
  return {
    kind: 'relation',
    sides: sides.toReversed(),
    operators: operators.toReversed().map((operator) => FLIPPED[operator]),
  };
}

/** Two sides each: the same ones, or the same zero set. */
function samePair(gold: Relation, answer: Relation, same: Same): Told {
  return either(sameOrientation(gold, answer, same), () => sameOrientation(gold, flipped(answer), same));
}

function sameOrientation(gold: Relation, answer: Relation, same: Same): Told {
  if (gold.operators[0] !== answer.operators[0]) return false;
  const sides = all(gold.sides.map((side, place) => () => same(side, answer.sides[place]!)));
  return sides === true ? true : either(sides, () => sameZeros(gold, answer));
}

/** f = g and h = k say the same where f − g is h − k, or a multiple of it. */
function sameZeros(gold: Relation, answer: Relation): Told {
  if (![...gold.sides, ...answer.sides].every(({ kind }) => kind === 'scalar')) return false;
  const [g, a] = [zeroSide(gold), zeroSide(answer)];
  if (!g || !a) return undefined;
  const told = sameScalars(g, a);
  if (told !== false) return told;
  const sign = proportional(g, a);
  if (sign === undefined || (sign === -1 && !SYMMETRIC.has(gold.operators[0]!))) return false;
  // With one variable the gold answer is a solution, and an equation that still has to be solved is none.
  return g.variables.size > 1 ? true : undefined;
}

const SYMMETRIC: ReadonlySet<RelationOperator> = new Set(['=', '≠']);

function zeroSide({ sides: [left, right] }: Relation): Understood | undefined {
  if (left?.kind !== 'scalar' || right?.kind !== 'scalar') return undefined;
  const [l, r] = [understand(left), understand(right)];
  return l && r && difference(l, r);
}

/** Where an inequality of one variable holds; undefined for any other. */
export function intervalOf({ sides, operators }: Relation): Value | undefined {
  const up = operators.every((operator) => operator === '<' || operator === '≤');
  if (!up)
    return operators.every((operator) => operator === '>' || operator === '≥')
      ? upwards(sides, operators)
      : undefined;
  const place = sides.findIndex(isNamed);
  if (place < 0 || sides.length > 3 || (sides.length === 3 && place !== 1)) return undefined;
  const infinite = (tex: string): Value => ({ kind: 'scalar', tex, percent: false, decimal: false });
  return {
    kind: 'interval',
    from: sides[place - 1] ?? infinite('-\\infty'),
    to: sides[place + 1] ?? infinite('\\infty'),
    fromOpen: operators[place - 1] !== '≤',
    toOpen: operators[place] !== '≤',
  };
}

function upwards(sides: readonly Value[], operators: readonly RelationOperator[]): Value | undefined {
  return intervalOf(flipped({ kind: 'relation', sides, operators }));
}
