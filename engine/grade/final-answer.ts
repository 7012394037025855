/** What an answer comes to, where nothing says what is right: equal answers get equal texts. */
import type { FinalAnswer } from '../protocol/samples';
import { lastBoxes } from './math/extract';
import type { Rational } from './math/value';
import { type Found, numberAlone, stated } from './number';

/** Boxed, else the number that is stated, else the whole text; numbers in lowest terms, so that 1,000 is 1000. */
export function finalAnswer(text: string): FinalAnswer {
  const boxed = lastBoxes(text);
  if (boxed !== undefined) {
    const number = numberAlone(boxed);
    return { text: number ? numberText(number) : withoutSpace(boxed), by: 'boxed' };
  }
  const number = stated(text);
  if (number) return { text: numberText(number), by: 'number' };
  return { text: text.trim(), by: 'text' };
}

/** 12, 0.5, 1/3, 50 %. */
function numberText({ value, percent }: Pick<Found, 'value' | 'percent'>): string {
  return `${decimalText(value) ?? `${value.numerator}/${value.denominator}`}${percent ? ' %' : ''}`;
}

/** Undefined where its decimals do not end. */
function decimalText({ numerator, denominator }: Rational): string | undefined {
  let digits = 0;
  let power = 1n;
  while (power % denominator !== 0n) {
    if (++digits > MAX_DECIMALS) return undefined;
    power *= 10n;
  }
  const scaled = numerator * (power / denominator);
  if (digits === 0) return String(scaled);
  const [sign, size] = scaled < 0n ? ['-', -scaled] : ['', scaled];
  const text = String(size).padStart(digits + 1, '0');
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

const MAX_DECIMALS = 12;

function withoutSpace(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
