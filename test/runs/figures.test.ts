/** What is told of a lane's steps, in numbers that can be read off three small vectors. */
import { expect, it } from 'vitest';
import { RunVectors } from '../../engine/runs/vectors';

const row = (...values: number[]) => Float32Array.from(values);
const BASE = row(0.5, 0.25, 0.25, 0);

/** A budget of the base and two steps: of three steps the last two are kept whole. */
function threeSteps(): RunVectors {
  const vectors = new RunVectors(5 * BASE.byteLength);
  vectors.startLane('plain', BASE);
  vectors.startLane('slot', BASE);
  vectors.addStep('slot', { delta: row(1, 1), shift: row(9, 9, 9, 9), meanP: row(0.7, 0.1, 0.1, 0.1) });
  vectors.addStep('slot', { delta: row(2, 2), shift: row(1, 2, -3, 4), meanP: row(0.375, 0.5, 0.125, 0) });
  vectors.addStep('slot', { delta: row(3, 3), shift: row(5, 6, -7, 8), meanP: row(0, 0.25, 0.25, 0.5) });
  return vectors;
}

it('are the shift, the probability and the rank of each token after each step that is kept', () => {
  expect(threeSteps().figures('slot', [2, 0])).toEqual({
    first: 1,
    shift: [row(-3, -7), row(1, 5)],
    meanP: [row(0.125, 0.25), row(0.375, 0)],
    // Counted from 0, the likeliest first; equals beside each other.
    rank: [row(2, 1), row(1, 3)],
    baseMeanP: row(0.25, 0.5),
    baseRank: row(1, 0),
    // 0.375·1 + 0.5·2 - 0.125·3, and 0.25·6 - 0.25·7 + 0.5·8.
    shiftMean: row(1, 3.75),
  });
  expect(threeSteps().series('slot', [3, 1])).toEqual([
    [4, 8],
    [2, 6],
  ]);
});

it('refuse a token beyond the vocabulary, and a lane or step that has none', () => {
  const vectors = threeSteps();
  expect(vectors.figures('slot', [3]).baseMeanP).toEqual(row(0));
  const refused = (code: string, message: string | RegExp) =>
    expect.objectContaining({
      code,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    });
  expect(() => vectors.figures('slot', [0, 4])).toThrow(refused('no-token', 'the vocabulary has no token 4'));
  expect(() => vectors.figures('baseline', [0])).toThrow(refused('no-vectors', /lane "baseline"/));
  expect(() => vectors.at('slot', 0)).toThrow(
    refused('no-step', 'step 0 of lane "slot" is not kept: 1 to 2 are'),
  );
  expect(() => vectors.at('slot', 3)).toThrow(refused('no-step', /^step 3 .* 1 to 2 are$/));
  expect(vectors.at('slot', 1)).toEqual({
    shift: row(1, 2, -3, 4),
    meanP: row(0.375, 0.5, 0.125, 0),
    baseMeanP: BASE,
  });
});

it('count the updates that a delta has seen from 1', () => {
  const vectors = threeSteps();
  expect(vectors.delta('slot')).toEqual({ step: 3, delta: row(3, 3), shift: row(5, 6, -7, 8), vocab: 4 });
  expect(vectors.delta('slot', 2)).toMatchObject({ step: 2, delta: row(2, 2), shift: row(1, 2, -3, 4) });
  // Deltas are kept of all steps, shifts of those that fit.
  expect(vectors.delta('slot', 1)).toEqual({ step: 1, delta: row(1, 1), shift: undefined, vocab: 4 });
  const none = (step?: number, lane = 'slot') => {
    try {
      return vectors.delta(lane, step);
    } catch (error) {
      return error instanceof Error ? error.message : error;
    }
  };
  expect(none(4)).toBe('lane "slot" took 3 steps, so it has no step 4');
  expect(none(0)).toBe('lane "slot" took 3 steps, so it has no step 0');
  expect(none(undefined, 'plain')).toBe('lane "plain" took 0 steps, so it has no step 1');
});

it('leave out lanes that took no step', () => {
  const vectors = threeSteps();
  expect(vectors.deltaLanes()).toEqual([{ name: 'slot', steps: 3 }]);
  expect(vectors.toTensors().map(({ name, shape }) => [name, shape])).toEqual([
    ['slot.delta', [3, 2]],
    ['slot.shift', [2, 4]],
    ['slot.meanP', [2, 4]],
    ['slot.baseMeanP', [4]],
  ]);
});
