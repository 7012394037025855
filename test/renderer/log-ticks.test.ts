/** Marks of a logarithmic axis: round, few, and always some. */
import { describe, expect, it } from 'vitest';
import { stepTimeCurves } from '../../renderer/run/curves';
import { logTicks } from '../../renderer/run/log-ticks';
import { slotStep } from './run-events';

describe('marks of a logarithmic axis', () => {
  it('are powers of ten over decades, and fewer over many', () => {
    expect(logTicks(0.02, 30)).toEqual([0.1, 1, 10]);
    expect(logTicks(1e-6, 1e4).length).toBeLessThanOrEqual(6);
  });

  it('are 1, 2 and 5 within a decade, and the ends where nothing round lies between', () => {
    expect(logTicks(0.9, 6)).toEqual([1, 2, 5]);
    expect(logTicks(1.1, 1.9)[0]).toBe(1.1);
    expect(logTicks(3, 3)).toEqual([3, 3, 3]);
  });
});

it('the time of a step stands at the update that took it', () => {
  const lanes = [{ name: 'slot', steps: [slotStep(0, 3), { ...slotStep(1, 2), ms: 7 }], slot: null }];
  expect(stepTimeCurves(lanes)[0]?.points).toEqual([
    { step: 1, value: 3 },
    { step: 2, value: 7 },
  ]);
});
