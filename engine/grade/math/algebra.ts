/** Scalars by computer algebra: read to MathJSON, compared exactly where they are rational, else to 60 digits. */
import { ComputeEngine, type MathJsonExpression } from '@cortex-js/compute-engine';
import { decimalRational, type Rational, type Scalar } from './value';

const PRECISION = 60;
/** Equal scalars agree to nearly all digits; below LARGEST, whole numbers that differ do so long before. */
const SAME = 1e-45;
const LARGEST = 1e40;
/** As many as there are signs of three variables. */
const POINTS = 8;
const MAX_POINTS = 24;

type Json = MathJsonExpression;
type Expression = ReturnType<ComputeEngine['expr']>;

const CONSTANTS: ReadonlyMap<string, Json> = new Map([
  ['e', 'ExponentialE'],
  ['i', 'ImaginaryUnit'],
  ...['ExponentialE', 'ImaginaryUnit', 'Pi', 'PositiveInfinity', 'NegativeInfinity'].map(
    (name): [string, Json] => [name, name],
  ),
]);

/** Functions whose meaning in the library is the usual one. */
const FUNCTIONS = new Set([
  ...[
    'Add',
    'Subtract',
    'Negate',
    'Multiply',
    'Divide',
    'Rational',
    'Power',
    'Sqrt',
    'Root',
    'Square',
    'Abs',
    'Exp',
  ],
  ...['Ln', 'Log', 'Sin', 'Cos', 'Tan', 'Cot', 'Sec', 'Csc', 'Arcsin', 'Arccos', 'Arctan', 'Arccot', 'Sinh'],
  ...[
    'Cosh',
    'Tanh',
    'Arsinh',
    'Arcosh',
    'Artanh',
    'Factorial',
    'Binomial',
    'Choose',
    'Floor',
    'Ceil',
    'Max',
    'Min',
  ],
  ...['Mod', 'GCD', 'LCM', 'Complex'],
]);
/** Marks on a name make another name of it. */
const MARKS = new Set([
  'OverBar',
  'Conjugate',
  'OverVector',
  'OverHat',
  'OverTilde',
  'Angle',
  'Prime',
  'Triangle',
]);
const INVERSE: ReadonlyMap<string, string> = new Map([
  ...['Sin', 'Cos', 'Tan', 'Cot'].map((name): [string, string] => [name, `Arc${name.toLowerCase()}`]),
]);

const engine = new ComputeEngine();
engine.precision = PRECISION;

/** A scalar that was understood, with the variables that it depends on. */
interface Understood {
  readonly json: Json;
  readonly variables: ReadonlySet<string>;
}

/** @returns undefined for notation that is not understood */
export function understand(scalar: Scalar): Understood | undefined {
  const variables = new Set<string>();
  if (/(?<![_\d])\d+\s+\d/.test(scalar.tex)) return undefined;
  try {
    const json = scalar.exact
      ? fraction(scalar.exact)
      : meaning(engine.parse(scalar.tex, { form: 'raw' }).json, variables);
    return { json: scalar.percent ? ['Divide', json, 100] : json, variables };
  } catch (thrown) {
    if (thrown instanceof NotUnderstood) return undefined;
    throw thrown;
  }
}

class NotUnderstood extends Error {}

function meaning(json: Json, variables: Set<string>): Json {
  if (typeof json === 'number') return exactly(String(json));
  if (typeof json === 'string') return symbol(json, variables);
  if (Array.isArray(json)) return call(json as readonly [string, ...Json[]], variables);
  if ('num' in json) return exactly(json.num);
  throw new NotUnderstood();
}

/** Decimals are the fractions that they write. */
function exactly(digits: string): Json {
  const [, mantissa = '', exponent = '0'] = /^([^e]*)(?:e([+-]?\d{1,4}))?$/i.exec(digits) ?? [];
  const value = decimalRational(mantissa);
  if (!value) throw new NotUnderstood();
  const whole = fraction(value);
  return exponent === '0'
    ? whole
    : ['Multiply', whole, ['Power', { num: '10' }, { num: String(Number(exponent)) }]];
}

function fraction({ numerator, denominator }: Rational): Json {
  const [top, bottom] = [numerator, denominator].map((part) => ({ num: String(part) }));
  return denominator === 1n ? top! : ['Divide', top!, bottom!];
}

/** Letters are variables whatever they mean to the library, in either case the same. */
function symbol(name: string, variables: Set<string>): Json {
  const constant = CONSTANTS.get(name);
  if (constant !== undefined) return constant;
  if (name.startsWith("'")) throw new NotUnderstood();
  const variable = `v_${name.toLowerCase().replace(/\W/g, '_')}`;
  variables.add(variable);
  return variable;
}

function call([name, ...operands]: readonly [string, ...Json[]], variables: Set<string>): Json {
  const each = () => operands.map((operand) => meaning(operand, variables));
  switch (name) {
    case 'Delimiter':
      return meaning(operands[0] ?? 'Nothing', variables);
    case 'InvisibleOperator':
      return product(each());
    case 'Subscript':
    case 'At':
      return symbol(JSON.stringify(operands), variables);
    case 'Lb':
      return ['Log', ...each(), 2];
    case 'Apply':
      return inverse(operands, variables);
    default:
      if (MARKS.has(name)) return symbol(JSON.stringify([name, ...operands]), variables);
      if (!FUNCTIONS.has(name)) throw new NotUnderstood();
      return [name, ...each()];
  }
}

/** 3½ is 3 + ½, all else that stands side by side a product. */
function product(factors: readonly Json[]): Json {
  const [whole, part] = factors;
  const isMixed = factors.length === 2 && isInteger(whole) && Array.isArray(part) && part[0] === 'Divide';
  if (isMixed && isInteger(part[1] as Json) && isInteger(part[2] as Json)) return ['Add', whole!, part];
  return factors.length === 1 ? factors[0]! : ['Multiply', ...factors];
}

function isInteger(json: Json | undefined): boolean {
  return typeof json === 'object' && 'num' in json && /^\d+$/.test(json.num);
}

function inverse([applied, ...operands]: readonly Json[], variables: Set<string>): Json {
  const name =
    Array.isArray(applied) && applied[0] === 'InverseFunction' ? INVERSE.get(String(applied[1])) : undefined;
  if (name === undefined) throw new NotUnderstood();
  return [name, ...operands.map((operand) => meaning(operand, variables))];
}

/** Whether they are equal for all values of their variables. @returns undefined where that cannot be told */
export function sameScalars(a: Understood, b: Understood): boolean | undefined {
  if (JSON.stringify(a.json) === JSON.stringify(b.json)) return true;
  return always(new Set([...a.variables, ...b.variables]), (at) =>
    isZero(at(['Subtract', a.json, b.json]), at(a.json), at(b.json)),
  );
}

/** Whether `a` is `b` times a number other than 0, whose sign it returns. */
export function proportional(a: Understood, b: Understood): 1 | -1 | undefined {
  const variables = new Set([...a.variables, ...b.variables]);
  let ratio: Json | undefined;
  let sign: 1 | -1 | undefined;
  const holds = always(variables, (at) => {
    const quotient = at(['Divide', a.json, b.json]).N();
    if (!Number.isFinite(quotient.re) || quotient.im !== 0 || quotient.re === 0) return undefined;
    sign ??= quotient.re > 0 ? 1 : -1;
    ratio ??= quotient.json;
    return isZero(at(['Subtract', quotient.json, ratio]), quotient, quotient);
  });
  return holds ? sign : undefined;
}

type At = (json: Json) => Expression;

/** Tries a relation where it can be told: once without variables, else at points on both sides of 0. */
function always(variables: ReadonlySet<string>, holds: (at: At) => boolean | undefined): boolean | undefined {
  if (variables.size === 0) return holds((json) => engine.expr(json));
  let told = 0;
  for (let point = 0; point < MAX_POINTS && told < POINTS; point++) {
    const values = Object.fromEntries(
      [...variables].sort().map((name, place) => [name, engine.expr(coordinate(point, place))]),
    );
    const held = holds((json) => engine.expr(json).subs(values));
    if (held === false) return false;
    if (held) told++;
  }
  return told < POINTS ? undefined : true;
}

/**
 * Decimals of 30 digits, from 0.5 to 3 on either side of 0, with every combination of signs. No two are related, so that
 * what holds at them is no accident. (The library's fractions lose digits beyond 2^53 without a word.)
 */
function coordinate(point: number, place: number): Json {
  const seed = BigInt(1 + point * 31 + place * 1009);
  const digits = (seed * 618_033_988_749_894_848_204_586_834_365n) % 10n ** 30n;
  const scaled = 5n * 10n ** 29n + (digits * 5n) / 2n;
  const text = String(scaled).padStart(31, '0');
  const sign = (point >> (place % 3)) % 2 === 0 ? '' : '-';
  return { num: `${sign}${text.slice(0, -30)}.${text.slice(-30)}` };
}

function isZero(difference: Expression, a: Expression, b: Expression): boolean | undefined {
  const [d, left, right] = [difference.N(), a.N(), b.N()];
  if (left.isInfinity || right.isInfinity) {
    return left.isInfinity === right.isInfinity && Math.sign(left.re) === Math.sign(right.re);
  }
  const [distance, scale] = [size(d), Math.max(size(left), size(right))];
  return Number.isNaN(distance) || !(scale < LARGEST) ? undefined : distance <= SAME * scale;
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
