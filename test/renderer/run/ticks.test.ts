/** Marks of an axis: round, few, and always some. */
import { describe, expect, it } from 'vitest';
import { stepTimeCurves } from '../../../renderer/run/curves';
import { enclosingTicks, logTicks, tickText } from '../../../renderer/run/ticks';
import { slotStep } from '../run-events';

describe('marks of a logarithmic axis', () => {
  it('are powers of ten over decades, and fewer over many', () => {
    expect(logTicks({ low: 0.02, high: 30 })).toEqual([0.1, 1, 10]);
    expect(logTicks({ low: 1e-6, high: 1e4 }).length).toBeLessThanOrEqual(6);
    expect(logTicks({ low: 0.1, high: 100 })).toEqual([0.1, 1, 10, 100]);
  });

  it('are 1, 2 and 5 within a decade, and the ends where nothing round lies between', () => {
    expect(logTicks({ low: 0.9, high: 6 })).toEqual([1, 2, 5]);
    expect(logTicks({ low: 1.1, high: 1.9 })[0]).toBe(1.1);
    expect(logTicks({ low: 3, high: 3 })).toEqual([3, 3, 3]);
  });
});

describe('marks of an axis that begins and ends with one', () => {
  it('hold all that is drawn between them', () => {
    expect(enclosingTicks({ low: 2.31, high: 3.42 }, 4)).toEqual([2, 2.5, 3, 3.5]);
    expect(enclosingTicks({ low: 0, high: 5e-4 }, 4)).toEqual([0, 2e-4, 4e-4, 6e-4]);
  });

  it('stand around a single value, and are as round', () => {
    expect(enclosingTicks({ low: 4, high: 4 }, 4)).toEqual([0, 2, 4, 6, 8]);
    expect(enclosingTicks({ low: 0, high: 0 }, 4)).toEqual([-1, -0.5, 0, 0.5, 1]);
    expect(enclosingTicks({ low: 0.7457772291788012, high: 0.7457772291788012 }, 4)).toEqual([
      0, 0.5, 1, 1.5,
    ]);
  });
});

it('the time of a step stands at the update that took it', () => {
  const lanes = [{ name: 'slot', steps: [slotStep(0, 3), { ...slotStep(1, 2), ms: 7 }], slot: null }];
  expect(stepTimeCurves(lanes)[0]?.points).toEqual([
    { step: 1, value: 3 },
    { step: 2, value: 7 },
  ]);
});

it.each([
  [0, '0'],
  [-2.5, '−2.5'],
  [9999, '9999'],
  [10_000, '1e+4'],
  [-20_000, '−2e+4'],
  [0.001, '0.001'],
  [0.0005, '5e−4'],
])('%d is written as %s', (value, text) => {
  expect(tickText(value)).toBe(text);
});
