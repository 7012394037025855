/** Numbers written and read as Python does. */
import { Unsupported } from './errors';
import { strip } from './strip';

/** With so many decimals, halves to even by the exact binary value: `f'{value:.{digits}f}'`. */
export function fixed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  if (digits > 100) throw new Unsupported('more than 100 decimals');
  const [mantissa, exponent] = binaryParts(Math.abs(value));
  const scaled = mantissa * 10n ** BigInt(digits);
  const rounded = exponent >= 0 ? scaled << BigInt(exponent) : halvesToEven(scaled, 1n << BigInt(-exponent));
  const text = String(rounded).padStart(digits + 1, '0');
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  return sign + (digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`);
}

function halvesToEven(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  const twice = 2n * (numerator % denominator);
  const isUp = twice > denominator || (twice === denominator && quotient % 2n === 1n);
  return isUp ? quotient + 1n : quotient;
}

/** value = mantissa · 2^exponent */
function binaryParts(value: number): [mantissa: bigint, exponent: number] {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const exponent = (bits.getUint16(0) >> 4) & 0x7ff;
  const fraction = bits.getBigUint64(0) & 0xfffffffffffffn;
  return exponent === 0 ? [fraction, -1074] : [fraction | 0x10000000000000n, exponent - 1075];
}

/** `int(text, base)`; undefined where it is none. */
export function parseInteger(text: string, base: number): bigint | undefined {
  if (base !== 10) throw new Unsupported('a number to another base');
  const found = /^([+-]?)(\d+(?:_\d+)*)$/.exec(strip(text));
  if (!found) return /\p{Nd}/u.test(text.replaceAll(/[0-9]/g, '')) ? unsupportedDigits() : undefined;
  const digits = (found[2] ?? '').replaceAll('_', '');
  if (digits.length > 1000) throw new Unsupported('a number of so many digits');
  return found[1] === '-' ? -BigInt(digits) : BigInt(digits);
}

/** `float(text)`; undefined where it is none. */
export function parseFloatText(text: string): number | undefined {
  const trimmed = strip(text);
  const named = /^([+-]?)(inf|infinity|nan)$/i.exec(trimmed);
  if (named) {
    const size = named[2]?.toLowerCase() === 'nan' ? Number.NaN : Infinity;
    return named[1] === '-' ? -size : size;
  }
  if (/^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+(?:_\d+)*)?$/i.test(trimmed)) {
    return Number(trimmed.replaceAll('_', ''));
  }
  return /\p{Nd}/u.test(text.replaceAll(/[0-9]/g, '')) ? unsupportedDigits() : undefined;
}

function unsupportedDigits(): never {
  throw new Unsupported('digits of other scripts as a number');
}
