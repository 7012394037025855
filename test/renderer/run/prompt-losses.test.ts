/** Which parts of a prompt were learned, at any step, and how a long prompt is broken into lines. */
import { describe, expect, it } from 'vitest';
import type { SlotDone } from '../../../engine/protocol';
import { lineStarts, mostLearned, promptLosses } from '../../../renderer/run/prompt-losses';
import { slotStep } from '../run-events';

const slot: SlotDone = {
  type: 'slot.done',
  lane: 'slot',
  steps: 2,
  initialLoss: 3,
  finalLoss: 2,
  deltaNorm: 1,
  ms: 6,
  positionLoss: { before: [3, 1, 2], after: [1, 1.5, 1.5] },
};
const steps = [
  { ...slotStep(0, 3), positionLoss: [2, 1.25, 2] },
  { ...slotStep(1, 2.5), positionLoss: [1, 1.5, 1.5] },
];

describe('losses of a prompt', () => {
  it('are those of the chosen step beside those before the first', () => {
    const lane = { name: 'slot', steps, slot };
    expect(promptLosses(lane, 0)).toEqual({ before: [3, 1, 2], after: [3, 1, 2], step: 0 });
    expect(promptLosses(lane, 1)).toEqual({ before: [3, 1, 2], after: [2, 1.25, 2], step: 1 });
    expect(promptLosses(lane, 9)).toEqual({ before: [3, 1, 2], after: [1, 1.5, 1.5], step: 2 });
  });

  it('are those of the end where a long run left the steps out, and none before the end', () => {
    const bare = [slotStep(0, 3), slotStep(1, 2.5)];
    expect(promptLosses({ name: 'slot', steps: bare, slot }, 1)).toMatchObject({
      after: [1, 1.5, 1.5],
      step: 2,
    });
    expect(promptLosses({ name: 'slot', steps, slot: null }, 1)).toBeNull();
    expect(promptLosses({ name: 'slot', steps: [], slot }, 1)).toMatchObject({
      after: [1, 1.5, 1.5],
      step: 0,
    });
  });

  it('say what was learned most, the first token and rises left out', () => {
    const losses = { before: [3, 1, 2], after: [1, 1.5, 1.5], step: 2 };
    expect(mostLearned(['<s>', 'a', 'b', 'c'], losses, 5)).toEqual([
      { position: 1, token: 'a', before: 3, after: 1, drop: 2 },
      { position: 3, token: 'c', before: 2, after: 1.5, drop: 0.5 },
    ]);
  });
});

it('lines hold what fits, and one token however wide', () => {
  expect(lineStarts([4, 4, 4, 20, 1], 10)).toEqual([0, 2, 3, 4]);
  expect(lineStarts([], 10)).toEqual([]);
});
