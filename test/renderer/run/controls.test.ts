/** Controls in the view model: what is learned elsewhere, what is put in at once, and what is drawn at. */
import { expect, it } from 'vitest';
import { LaneSettings, type RunEvent } from '../../../engine/protocol';
import { gradientNormCurves, lossCurves } from '../../../renderer/run/curves';
import { describeProgress } from '../../../renderer/run/progress';
import { reduceEvents } from '../../../renderer/run/reduce-run';
import { adaptingLanes, EMPTY_RUN, plannedSteps, stepsPlanned } from '../../../renderer/run/run-view';
import { CONFIG, STARTED, slotStep } from '../run-events';

const SETTINGS = { steps: 4, lr: 0.1 };
const lanes = [
  { name: 'slot', ...SETTINGS },
  { name: 'minus', ...SETTINGS, origin: { kind: 'minus' } },
  { name: 'matched', ...SETTINGS, origin: { kind: 'temperature' } },
].map((lane) => LaneSettings.parse(lane));
const started: RunEvent =
  STARTED.type === 'run.started' ? { ...STARTED, config: { ...CONFIG, lanes } } : STARTED;
const source: RunEvent = {
  type: 'slot.source',
  lanes: ['minus'],
  source: 1,
  sources: 3,
  step: 2,
  steps: 4,
  loss: 2,
  ms: 1,
};

it('tells how far other prompts are learned from, between those that are read', () => {
  const view = reduceEvents(EMPTY_RUN, [started, { type: 'prompt.progress', tokens: 3, total: 9 }, source]);
  expect(describeProgress(view, true)).toEqual({
    label: 'Learning from other prompts: 2 of 3, step 3 of 4',
    done: 7,
    total: 12,
  });
  const reading = reduceEvents(view, [{ type: 'prompt.progress', tokens: 6, total: 9 }]);
  expect(describeProgress(reading, true).label).toBe('Reading prompt: 6 of 9 tokens');
  const own = reduceEvents(view, [{ type: 'slot.progress', positions: 1, total: 2 }]);
  expect(describeProgress(own, true).label).toContain("the prompt's logits: 1 of 2");
  const step = reduceEvents(view, [slotStep(0, 3)]);
  expect(describeProgress(step, true).label).toBe('SLOT step 1 of 4 (slot)');
});

it('plans one step for a control, none where there is no delta', () => {
  expect(lanes.map(plannedSteps)).toEqual([4, 1, 0]);
  const { gradNorm: _, ...step } = slotStep(0, 3, 'minus');
  const view = reduceEvents(EMPTY_RUN, [started, slotStep(0, 3), step]);
  expect(stepsPlanned(view)).toBe(4);
  expect(adaptingLanes(view).map(({ name }) => name)).toEqual(['slot', 'minus']);
  expect(lossCurves(view.lanes).map(({ points }) => points.length)).toEqual([1, 1, 0]);
  expect(gradientNormCurves(view.lanes).map(({ points }) => points.length)).toEqual([1, 0, 0]);
});

it('keeps what a lane draws at, also when it has answered', () => {
  const temperature: RunEvent = {
    type: 'lane.temperature',
    lane: 'matched',
    temperature: 0.8,
    entropy: 1,
    baseEntropy: 1,
    isReached: true,
    positions: 5,
  };
  const view = reduceEvents(EMPTY_RUN, [started, temperature]);
  expect(view.lanes.map((lane) => lane.temperature)).toEqual([null, null, temperature]);
});
