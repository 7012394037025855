/** What an answer says, by structure: the leaves are scalars that the computer algebra reads. */

export type RelationOperator = '=' | '≠' | '<' | '≤' | '>' | '≥' | '≡';

/** A fraction in lowest terms, its denominator positive. */
export interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export interface Scalar {
  readonly kind: 'scalar';
  /** LaTeX without its percent sign. */
  readonly tex: string;
  readonly percent: boolean;
  /** Of a literal number: its value without the percent sign. */
  readonly exact?: Rational;
  /** A literal with a decimal point, which may be a rounded one. */
  readonly decimal: boolean;
  /** The base that a number is written in, where it says so. */
  readonly base?: string;
}

export type Value =
  | Scalar
  /** Words, in lower case, without spaces. */
  | { readonly kind: 'words'; readonly text: string }
  /** In the order in which they are written. */
  | { readonly kind: 'set' | 'tuple'; readonly items: readonly Value[] }
  /** `(a, b)` is a point as well as an open interval: both readings are compared. */
  | {
      readonly kind: 'interval';
      readonly from: Value;
      readonly to: Value;
      readonly fromOpen: boolean;
      readonly toOpen: boolean;
    }
  | { readonly kind: 'union' | 'intersection' | 'difference'; readonly parts: readonly Value[] }
  | {
      readonly kind: 'relation';
      readonly sides: readonly Value[];
      readonly operators: readonly RelationOperator[];
    }
  | { readonly kind: 'matrix'; readonly rows: readonly (readonly Value[])[] };

export type ValueOf<K extends Value['kind']> = Extract<Value, { kind: K }>;

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b);
}

/** @returns undefined for a denominator of 0 */
export function rational(numerator: bigint, denominator: bigint): Rational | undefined {
  if (denominator === 0n) return undefined;
  const divisor = gcd(numerator < 0n ? -numerator : numerator, denominator < 0n ? -denominator : denominator);
  const sign = denominator < 0n ? -1n : 1n;
  return { numerator: (sign * numerator) / divisor, denominator: (sign * denominator) / divisor };
}

export function sameRational(a: Rational, b: Rational): boolean {
  return a.numerator === b.numerator && a.denominator === b.denominator;
}

/** Of digits with at most one point: exact, however many there are. @returns undefined for any other text */
export function decimalRational(text: string): Rational | undefined {
  const [, sign, whole, part = ''] = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(text) ?? [];
  if (whole === undefined || whole + part === '') return undefined;
  const digits = BigInt(whole + part);
  return rational(sign === '-' ? -digits : digits, 10n ** BigInt(part.length));
}
