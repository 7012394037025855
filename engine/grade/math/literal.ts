/** Numbers that are written out: exact, however long, and compared without computer algebra. */
import { decimalRational, type Rational, rational, type Scalar, sameRational } from './value';

/** Decimals are compared when rounded to so many places, since an answer may have been rounded. */
export const DECIMALS = 6;

export function scalar(tex: string): Scalar {
  const percent = /\\%$/.test(tex);
  const bare = (percent ? tex.slice(0, -2) : tex).trim();
  return { kind: 'scalar', tex: bare, percent, ...literal(bare) };
}

function literal(tex: string): Pick<Scalar, 'exact' | 'decimal' | 'base'> {
  const text = tex.replace(/\s+/g, ' ').replace(/^\+ ?/, '').replace(/^- /, '-');
  const [, number = text, base] = /^(-?\d+)_\{?(\d+)\}?$/.exec(text) ?? [];
  const plain = decimalRational(number.replace(/^\((-?[\d.]+)\)$/, '$1'));
  if (plain) {
    const decimal = /\.\d/.test(number);
    return base === undefined ? { exact: plain, decimal } : { exact: plain, decimal, base };
  }
  const exact = fraction(text);
  return exact ? { exact, decimal: false } : { decimal: false };
}

const FRACTIONS = [
  /^(?<minus>-?)(?:(?<whole>\d+) ?)?\\frac ?\{ ?(?<top>-?\d+) ?\} ?\{ ?(?<bottom>-?\d+) ?\}$/,
  /^(?<minus>-?)(?:(?<whole>\d+) )?(?<top>\d+) ?\/ ?(?<bottom>-?\d+)$/,
];

/** A fraction or a mixed number, whose sign is the whole's: −3½ is −3.5. */
function fraction(text: string): Rational | undefined {
  const groups = FRACTIONS.map((pattern) => pattern.exec(text)?.groups).find((found) => found !== undefined);
  if (!groups) return undefined;
  const [whole, top, bottom] = [groups.whole ?? '0', groups.top!, groups.bottom!].map(BigInt) as [
    bigint,
    bigint,
    bigint,
  ];
  return rational((groups.minus === '-' ? -1n : 1n) * (whole * bottom + top), bottom);
}

/** 9 % is 9 as well as 0.09. Beside a whole number nothing is rounded. @returns undefined where one is no literal */
export function sameLiterals(gold: Scalar, answer: Scalar): boolean | undefined {
  const [g, a] = [gold.exact, answer.exact];
  if (!g || !a) return undefined;
  const whole = [isWhole(gold, g), isWhole(answer, a)];
  if (whole.every((is) => is)) return sameRational(g, a);
  const [left, right] = [value(gold, g), value(answer, a)];
  const isRounded = (gold.decimal || answer.decimal) && !whole.some((is) => is);
  return isRounded ? roundedRational(left) === roundedRational(right) : sameRational(left, right);
}

function isWhole({ decimal }: Scalar, { denominator }: Rational): boolean {
  return !decimal && denominator === 1n;
}

function value({ percent }: Scalar, { numerator, denominator }: Rational): Rational {
  return percent ? rational(numerator, denominator * 100n)! : { numerator, denominator };
}

/** To DECIMALS places, half away from zero, in units of the last place. */
function roundedRational({ numerator, denominator }: Rational): bigint {
  const size = numerator < 0n ? -numerator : numerator;
  const units = (2n * size * 10n ** BigInt(DECIMALS) + denominator) / (2n * denominator);
  return numerator < 0n ? -units : units;
}
