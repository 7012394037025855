/** Long curves keep their ends and their spikes when they are thinned for drawing. */
import { expect, it } from 'vitest';
import { chartRows, thinRows } from '../../../renderer/run/chart-rows';

const curve = (lane: string, values: readonly number[]) => ({
  lane,
  points: values.map((value, step) => ({ step, value })),
});

it('lays curves of different lengths side by side', () => {
  expect(chartRows([curve('a', [3, 2]), curve('b', [5])])).toEqual([
    { step: 0, values: [3, 5] },
    { step: 1, values: [2, null] },
  ]);
  expect(chartRows([])).toEqual([]);
});

it('keeps the first of equal rows', () => {
  const flat = chartRows([curve('a', new Array<number>(100).fill(1))]);
  // Stretches of 20 rows.
  expect(thinRows(flat, 10).map(({ step }) => step)).toEqual([0, 20, 40, 60, 80, 99]);
  const none = flat.map(({ step }) => ({ step, values: [null] }));
  expect(thinRows(none, 10).map(({ step }) => step)).toEqual([0, 99]);
  const empty = flat.map(({ step }) => ({ step, values: [] }));
  expect(thinRows(empty, 10)).toBe(empty);
});

it('leaves short ones alone and keeps ends and spikes of long ones', () => {
  const short = chartRows([curve('a', [1, 2, 3])]);
  expect(thinRows(short, 3)).toBe(short);
  const values = Array.from({ length: 1001 }, (_, step) =>
    step === 617 ? 99 : step === 618 ? -99 : 1 / (step + 1),
  );
  const thin = thinRows(chartRows([curve('a', values)]), 200);
  const steps = thin.map((row) => row.step);
  expect(thin.length).toBeLessThanOrEqual(205);
  expect(steps).toEqual(expect.arrayContaining([0, 617, 618, 1000]));
  expect(steps).toEqual(steps.toSorted((a, b) => a - b));
});
