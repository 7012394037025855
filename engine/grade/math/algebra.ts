/** Scalars compared by their values, to 60 digits: without variables once, with variables at many points. */
import { engine, type Json, type Understood, understand } from './meaning';
import type { Scalar } from './value';

/** Equal scalars agree to nearly all digits; below MAX_EXACT, whole numbers that differ do so long before. */
const SAME = 1e-45;
const MAX_EXACT = 1e40;
/** As many as there are signs of three variables. */
const POINTS = 8;
const MAX_POINTS = 24;
/** Of whole numbers: elsewhere the library knows them to few digits, or not at all. */
const ON_INTEGERS = /"(?:Factorial|Binomial|Choose|GCD|LCM|Mod)"/;

type Expression = ReturnType<typeof engine.expr>;

/** Whether they are equal for all values of their variables. @returns undefined where that cannot be told */
export function sameScalars(a: Understood, b: Understood): boolean | undefined {
  if (JSON.stringify(a.json) === JSON.stringify(b.json)) return true;
  return always([a, b], (left, right) => isSame(left, right));
}

/** Whether `a` is `b` times a number other than 0, whose sign it returns. */
export function proportional(a: Understood, b: Understood): 1 | -1 | undefined {
  let first: Expression | undefined;
  const holds = always([a, b], (left, right) => {
    const ratio = left.div(right).N();
    if (!Number.isFinite(ratio.re) || ratio.im !== 0 || ratio.re === 0) return undefined;
    first ??= ratio;
    return isSame(ratio, first);
  });
  return holds && first ? (first.re > 0 ? 1 : -1) : undefined;
}

type Holds = (left: Expression, right: Expression) => boolean | undefined;

/** Tries a relation of two values where it can be told: once without variables, else at points on both sides of 0. */
function always(pair: readonly [Understood, Understood], holds: Holds): boolean | undefined {
  const variables = [...new Set(pair.flatMap((one) => [...one.variables]))].sort();
  const whole = pair.some(({ json }) => ON_INTEGERS.test(JSON.stringify(json)));
  const points = variables.length === 0 ? 1 : POINTS;
  let told = 0;
  for (let point = 0; point < MAX_POINTS && told < points; point++) {
    const values = Object.fromEntries(
      variables.map((name, place) => [
        name,
        engine.expr(whole ? integer(point, place) : decimal(point, place)),
      ]),
    );
    const held = unlessThrown(() => {
      const [left, right] = pair.map(({ json }) => engine.expr(json).subs(values).N());
      return holds(left!, right!);
    });
    if (held === false) return false;
    if (held) told++;
    if (variables.length === 0) break;
  }
  return told < points ? undefined : true;
}

/** The library throws at what it cannot evaluate: nothing is told by it. */
function unlessThrown(tell: () => boolean | undefined): boolean | undefined {
  try {
    return tell();
  } catch {
    return undefined;
  }
}

/**
 * Decimals of 30 digits, from 0.5 to 3 on either side of 0, with every combination of signs. No two are related, so that
 * what holds at them is no accident. (The library's fractions lose digits beyond 2^53 without a word.)
 */
function decimal(point: number, place: number): Json {
  const seed = BigInt(1 + point * 31 + place * 1009);
  const digits = (seed * 618_033_988_749_894_848_204_586_834_365n) % 10n ** 30n;
  const text = String(5n * 10n ** 29n + (digits * 5n) / 2n).padStart(31, '0');
  const sign = (point >> (place % 3)) % 2 === 0 ? '' : '-';
  return { num: `${sign}${text.slice(0, -30)}.${text.slice(-30)}` };
}

/** From 2 on, all of them different. */
function integer(point: number, place: number): Json {
  return { num: String(2 + point + 5 * place) };
}

function isSame(a: Expression, b: Expression): boolean | undefined {
  if (a.isInfinity || b.isInfinity) {
    return a.isInfinity === b.isInfinity && Math.sign(a.re) === Math.sign(b.re);
  }
  const distance = size(a.sub(b).N());
  const scale = Math.max(size(a), size(b));
  return Number.isNaN(distance) || !(scale < MAX_EXACT) ? undefined : distance <= SAME * scale;
}

function size({ re, im }: Expression): number {
  return Math.hypot(re, im);
}

/** Its value as a number; undefined where it has variables, is complex or is not understood. */
export function numberOf(scalar: Scalar): number | undefined {
  const understood = understand(scalar);
  if (!understood || understood.variables.size > 0) return undefined;
  const { re, im } = engine.expr(understood.json).N();
  return im === 0 && !Number.isNaN(re) ? re : undefined;
}

/** a − b, for what is zero on one side of a relation. */
export function difference(a: Understood, b: Understood): Understood {
  return { json: ['Subtract', a.json, b.json], variables: new Set([...a.variables, ...b.variables]) };
}
