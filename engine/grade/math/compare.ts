/**
 * Whether an answer is the gold answer, by math-verify's rules: what is gold decides the form, so that the two are not
 * interchangeable. Every comparison says true, false, or undefined where it cannot be told.
 */
import { numberOf, sameScalars } from './algebra';
import { DECIMALS, sameLiterals } from './literal';
import { understand } from './meaning';
import { isNamed } from './read';
import { isRealSet, sameRealSets } from './real-sets';
import { intervalOf, type Relation, sameRelations } from './relations';
import { all, type Told } from './told';
import type { Scalar, Value, ValueOf } from './value';

export function isRight(gold: Value, answer: Value): Told {
  const [g, a] = withoutNames(gold, answer);
  if (g.kind === 'relation') {
    if (a.kind === 'relation') return sameRelations(g, a, isRight);
    const range = intervalOf(g);
    return range && isRealSet(a) ? sameSets(range, a) : false;
  }
  if (a.kind === 'relation') return false;
  if (g.kind === 'matrix' || a.kind === 'matrix') return sameMatrices(g, a);
  if (isCollection(g) || isCollection(a)) return sameSets(g, a);
  return sameAtoms(g, a);
}

/**
 * The value alone, where only one of the two names it: 5 for x = 5. A chain of equalities stands for its ends. Two
 * names stay, so that x = 1 is not y = 1.
 */
function withoutNames(gold: Value, answer: Value): [Value, Value] {
  const g = isAssignment(gold) ? ends(gold) : gold;
  const a = isAssignment(answer) ? ends(answer) : answer;
  if (isEquation(a) && !isEquation(g)) return [g, a.sides.at(-1)!];
  if (isAssignment(g) && !isEquation(a)) return [g.sides.at(-1)!, a];
  return [g, a];
}

function isEquation(value: Value): value is Relation {
  return value.kind === 'relation' && value.operators.every((operator) => operator === '=');
}

function isAssignment(value: Value): value is Relation {
  return isEquation(value) && isNamed(value.sides[0]!);
}

function ends({ sides }: Relation): Relation {
  return { kind: 'relation', sides: [sides[0]!, sides.at(-1)!], operators: ['='] };
}

function isCollection(value: Value): boolean {
  return value.kind !== 'scalar' && value.kind !== 'words';
}

function sameSets(gold: Value, answer: Value): Told {
  if (gold.kind === 'interval' && answer.kind === 'interval') return sameIntervals(gold, answer);
  const [g, a] = [listed(gold), listed(answer)];
  if (g && a) return gold.kind === 'set' ? inAnyOrder(g, a) : inOrder(g, a);
  if (isRealSet(gold) && isRealSet(answer)) return sameRealSets(gold, answer);
  // A range may be written as the set of what fulfils a relation; it is no single value.
  return [...(g ?? []), ...(a ?? [])].some(({ kind }) => kind === 'relation') ? undefined : false;
}

function sameIntervals(gold: ValueOf<'interval'>, answer: ValueOf<'interval'>): Told {
  const sameEnds =
    isOpen(gold, 'from') === isOpen(answer, 'from') && isOpen(gold, 'to') === isOpen(answer, 'to');
  return sameEnds && all([() => isRight(gold.from, answer.from), () => isRight(gold.to, answer.to)]);
}

/** No number is infinite, whichever bracket stands beside ∞. */
function isOpen(interval: ValueOf<'interval'>, end: 'from' | 'to'): boolean {
  const at = interval[end];
  return interval[`${end}Open`] || (at.kind === 'scalar' && /\\infty/.test(at.tex));
}

/** What is counted out: a point's coordinates, a set's elements, a value alone. */
function listed(value: Value): readonly Value[] | undefined {
  switch (value.kind) {
    case 'set':
    case 'tuple':
      return value.items;
    case 'interval':
      return value.fromOpen && value.toOpen ? [value.from, value.to] : undefined;
    case 'scalar':
    case 'words':
      return [value];
    default:
      return undefined;
  }
}

function inOrder(gold: readonly Value[], answer: readonly Value[]): Told {
  if (gold.length !== answer.length) return false;
  return all(gold.map((item, place) => () => isRight(item, answer[place]!)));
}

function inAnyOrder(gold: readonly Value[], answer: readonly Value[]): Told {
  const [g, a] = [distinct(gold), [...distinct(answer)]];
  if (g.length !== a.length) return false;
  let open = false;
  for (const item of g) {
    const told = a.map((other) => isRight(item, other));
    const match = told.indexOf(true);
    if (match >= 0) a.splice(match, 1);
    else if (told.includes(undefined)) open = true;
    else return false;
  }
  return open ? undefined : true;
}

/** A set has each of its elements once. */
function distinct(items: readonly Value[]): readonly Value[] {
  return items.filter(
    (item, place) => !items.slice(0, place).some((earlier) => isRight(earlier, item) === true),
  );
}

function sameMatrices(gold: Value, answer: Value): Told {
  if (gold.kind !== 'matrix' || answer.kind !== 'matrix' || gold.rows.length !== answer.rows.length)
    return false;
  return all(gold.rows.map((row, place) => () => inOrder(row, answer.rows[place]!)));
}

function sameAtoms(gold: Value, answer: Value): Told {
  if (gold.kind === 'words' || answer.kind === 'words') return sameWords(gold, answer);
  return gold.kind === 'scalar' && answer.kind === 'scalar' ? sameNumbers(gold, answer) : false;
}

function sameWords(gold: Value, answer: Value): boolean {
  const [g, a] = [gold, answer].map((value) => (value.kind === 'words' ? value.text : letters(value)));
  return g !== undefined && g === a;
}

/** A product of variables may be meant as a word. */
function letters(value: Value): string | undefined {
  if (value.kind !== 'scalar') return undefined;
  const plain = value.tex.replace(/\\text|[\s{}()]/g, '');
  return /^[a-zA-Z]+$/.test(plain) ? plain.toLowerCase() : undefined;
}

function sameNumbers(gold: Scalar, answer: Scalar): Told {
  if (gold.base !== undefined && answer.base !== undefined && gold.base !== answer.base) return false;
  if (letters(gold) !== undefined && letters(gold) === letters(answer)) return true;
  if (gold.exact && answer.exact) return sameLiterals(gold, answer);
  const isRounded = (gold.exact && gold.decimal) || (answer.exact && answer.decimal);
  if (isRounded) {
    const [g, a] = [numberOf(gold), numberOf(answer)];
    if (g !== undefined && a !== undefined) return rounded(g) === rounded(a);
  }
  const [g, a] = [understand(gold), understand(answer)];
  if (g && a) return sameScalars(g, a);
  return gold.percent === answer.percent && spelling(gold) === spelling(answer) ? true : undefined;
}

/** Space means something between digits alone. */
function spelling({ tex }: Scalar): string {
  return tex.replace(/(?<!\d) | (?!\d)/g, '');
}

function rounded(number: number): string {
  return number.toFixed(DECIMALS).replace(/^-(?=0\.0*$)/, '');
}
