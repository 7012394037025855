/** A number as it is meant: with its sign, thousands, currency, percent, fraction or power of ten. Compared exactly. */
import type { Grade } from '../protocol/grading';
import { isSentence, lastBoxes } from './math/extract';
import { decimalRational, type Rational, rational, sameRational } from './math/value';

/** 1,234 · 1{,}234 · 1\,234 · 1 234 with a narrow or no-break space. */
const THOUSANDS = String.raw`\d{1,3}(?:(?:,|\{,\}|,?\\[,!]|[\u00a0\u2009\u202f])\d{3})+(?!\d)`;
const DIGITS = String.raw`(?:${THOUSANDS}|\d+)(?:\.\d+)?|\.\d+`;
const LATEX_FRACTION = String.raw`\\[dtc]?frac\s*\{\s*(?<top>[-−]?\d+)\s*\}\s*\{\s*(?<bottom>\d+)\s*\}`;
const POWER = String.raw`(?:[eE](?<exponent>[+-]?\d{1,3})(?![\w.])|\s*(?:\\times|\\cdot|[×*·])\s*10\s*\^\s*\{?\s*(?<power>[-−]?\d{1,3})\s*\}?)`;
const AMOUNT = String.raw`(?:${LATEX_FRACTION}|(?<digits>${DIGITS})(?:${POWER}|(?:\s+(?<upper>\d+)|)\s?/\s?(?<lower>\d+(?!\.?\d))|\s*\\[dtc]?frac\s*\{\s*(?<mixedTop>\d+)\s*\}\s*\{\s*(?<mixedBottom>\d+)\s*\})?)`;
/** A minus between two numbers or names takes away; it is no sign. */
const SIGN = String.raw`(?:(?<![\w)}\]%]\s?)(?<sign>[-−+])\s?|\b(?<word>minus|negative)\s+)?`;
const CURRENCY = String.raw`(?:(?:\\?\$|[€£¥₹])\s?(?<inner>[-−])?)?`;
const PERCENT = String.raw`(?<percent>\s*(?:\\?%|percent\b))?`;
const NUMBER = new RegExp(String.raw`${SIGN}${CURRENCY}(?<![\d.]|\d,)${AMOUNT}${PERCENT}`, 'giu');

export interface Found {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly value: Rational;
  readonly percent: boolean;
}

export function gradeNumber(gold: string, answer: string): Grade {
  const wanted = stated(gold);
  const found = stated(answer);
  if (!found) return { extracted: null, verdict: 'wrong' };
  if (!wanted) return { extracted: found.text, verdict: 'undecided', reason: 'the gold answer is no number' };
  const readings = (number: Found) =>
    number.percent ? [number.value, hundredth(number.value)] : [number.value];
  const isRight = readings(wanted).some((g) => readings(found).some((a) => sameRational(g, a)));
  return { extracted: found.text, verdict: isRight ? 'right' : 'wrong' };
}

function hundredth({ numerator, denominator }: Rational): Rational {
  return rational(numerator, denominator * 100n)!;
}

/** Where an answer is announced it is looked for there, the last announcement first, and then anywhere. */
export function stated(text: string): Found | undefined {
  for (const announced of announcements(text)) {
    const number = leading(announced) ?? afterEquals(announced) ?? numbers(announced).at(-1);
    if (number) return number;
  }
  const trimmed = text.trim();
  const isPhrase =
    trimmed.length <= MAX_PHRASE_LENGTH &&
    trimmed.split(/\s+/).length <= MAX_PHRASE &&
    !/[\n=]/.test(trimmed) &&
    !isSentence(trimmed);
  return (isPhrase ? leading(trimmed) : undefined) ?? numbers(text).at(-1);
}

/** A text that is one number and no more. */
export function numberAlone(text: string): Found | undefined {
  const trimmed = text.trim();
  const [first] = numbers(trimmed);
  return first?.text === trimmed ? first : undefined;
}

/** Words of an answer that is nothing but an amount: "18 eggs in 2 hours". */
const MAX_PHRASE = 8;
const MAX_PHRASE_LENGTH = 200;
const ANNOUNCED = /####|<answer>|answer\s*(?:is|:|=)/gi;

/** Models repeat themselves: the last announcements are looked into. */
const MAX_ANNOUNCED = 3;

function announcements(text: string): string[] {
  const boxed = lastBoxes(text);
  const last = [...text.matchAll(ANNOUNCED)].slice(-MAX_ANNOUNCED).reverse();
  const rest = last.map((match) => {
    const after = text.slice(match.index + match[0].length);
    const end = after.search(match[0].toLowerCase() === '<answer>' ? /<\/answer>/i : /\n\s*\n|<\/answer>/i);
    return end < 0 ? after : after.slice(0, end);
  });
  return boxed === undefined ? rest : [boxed, ...rest];
}

/** Marks and words that may stand before a number that a text begins with. */
const MAX_LEAD = 40;
const LEAD = /^[\s*_:$\\([{]*(?:(?:about|approximately|exactly|only)[\s*_:$\\([{]*)?$/i;
const ARITHMETIC = /^\s*(?:[-+*/=×÷^<>]|\\(?:times|div|cdot|pm)|(?:or|and|to|,)\s*[$\d])/;

/** The number that the text begins with, unless arithmetic follows. */
function leading(text: string): Found | undefined {
  const [first] = numbers(text.slice(0, MAX_PHRASE_LENGTH));
  if (!first || first.start > MAX_LEAD || !LEAD.test(text.slice(0, first.start))) return undefined;
  return ARITHMETIC.test(text.slice(first.end, first.end + MAX_LEAD)) ? undefined : first;
}

function afterEquals(text: string): Found | undefined {
  const place = text.lastIndexOf('=');
  return place < 0 ? undefined : numbers(text.slice(place + 1))[0];
}

function numbers(text: string): Found[] {
  return [...text.matchAll(NUMBER)].flatMap((match) => {
    const value = valueIn(match.groups ?? {});
    const percent = match.groups?.percent !== undefined;
    return value
      ? [{ text: match[0].trim(), start: match.index, end: match.index + match[0].length, value, percent }]
      : [];
  });
}

type Groups = Readonly<Record<string, string | undefined>>;

function valueIn(groups: Groups): Rational | undefined {
  const size = sizeOf(groups);
  const isNegative = [groups.sign, groups.word, groups.inner].some(
    (sign) => sign !== undefined && sign !== '+',
  );
  return size && isNegative ? rational(-size.numerator, size.denominator) : size;
}

function sizeOf({
  top,
  bottom,
  digits,
  exponent,
  power,
  upper,
  lower,
  mixedTop,
  mixedBottom,
}: Groups): Rational | undefined {
  if (top !== undefined) return rational(BigInt(top.replace('−', '-')), BigInt(bottom!));
  const whole = decimalRational(digits!.replace(/[^\d.]/g, ''));
  if (!whole) return undefined;
  if (mixedTop !== undefined) return sum(whole, BigInt(mixedTop), BigInt(mixedBottom!));
  if (lower !== undefined) {
    return upper === undefined ? times(whole, 1n, BigInt(lower)) : sum(whole, BigInt(upper), BigInt(lower));
  }
  const tens = Number((exponent ?? power ?? '0').replace('−', '-'));
  return tens < 0 ? times(whole, 1n, 10n ** BigInt(-tens)) : times(whole, 10n ** BigInt(tens), 1n);
}

function times({ numerator, denominator }: Rational, by: bigint, over: bigint): Rational | undefined {
  return rational(numerator * by, denominator * over);
}

function sum({ numerator, denominator }: Rational, top: bigint, bottom: bigint): Rational | undefined {
  return rational(numerator * bottom + top * denominator, denominator * bottom);
}
