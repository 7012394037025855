import { expect } from 'vitest';
import fixtures from './fixtures.json';

/** What SciPy, statsmodels and NumPy say; make-fixtures.py asks them. */
export { fixtures };

/** Equal to a relative 1e-11, far tails included; to the last digits of doubles that are almost 0. */
export function expectClose(actual: number, expected: number, relative = 1e-11): void {
  const off = Math.abs(actual - expected);
  expect(off, `${actual} for ${expected}`).toBeLessThanOrEqual(
    Math.max(relative * Math.abs(expected), Number.MIN_VALUE),
  );
}
