/** What a scalar's LaTeX means: MathJSON of functions that are known, over variables. */
import { ComputeEngine, type MathJsonExpression } from '@cortex-js/compute-engine';
import { decimalRational, type Rational, type Scalar } from './value';

/** Decimal digits of every value. */
const PRECISION = 60;

export type Json = MathJsonExpression;

const CONSTANTS: ReadonlyMap<string, Json> = new Map([
  ['e', 'ExponentialE'],
  ['i', 'ImaginaryUnit'],
  ...['ExponentialE', 'ImaginaryUnit', 'Pi', 'PositiveInfinity', 'NegativeInfinity'].map(
    (name): [string, Json] => [name, name],
  ),
]);

/** Functions whose meaning in the library is the usual one. */
const FUNCTIONS = names(`
  Add Subtract Negate Multiply Divide Rational Power Sqrt Root Square Abs Exp Ln Log Complex
  Sin Cos Tan Cot Sec Csc Arcsin Arccos Arctan Arccot Sinh Cosh Tanh Arsinh Arcosh Artanh
  Factorial Binomial Choose Floor Ceil Max Min Mod GCD LCM
`);

/** Marks on a name make another name of it. */
const MARKS = names('OverBar Conjugate OverVector OverHat OverTilde Angle Prime Triangle');

const INVERSE: ReadonlyMap<string, string> = new Map([
  ...['Sin', 'Cos', 'Tan', 'Cot'].map((name): [string, string] => [name, `Arc${name.toLowerCase()}`]),
]);

function names(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

export const engine = new ComputeEngine();
engine.precision = PRECISION;

/** A scalar that was understood, with the variables that it depends on. */
export interface Understood {
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
  } catch {
    // The library's own errors say the same.
    return undefined;
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
