/** Vectors are a run's where its events say the same of them: the lanes that learned, sizes, and each step's norm. */
import { expect, it } from 'vitest';
import { RunConfig, type RunEvent } from '../../engine/protocol';
import type { StackedTensor } from '../../engine/runs/safetensors';
import { decodeVectorsFile, encodeVectorsFile, runIdOf } from '../../engine/runs/vectors-file';
import { CONFIG, STARTED, slotStep } from '../renderer/run-events';

const [VOCAB, HIDDEN] = [3, 2500];

/** As a run of two steps has them. */
function stepsOf(lane: string, hidden = HIDDEN): StackedTensor[] {
  const rows = [1, 2].map((step) =>
    Float32Array.from({ length: hidden }, (_, i) => step * Math.sin(i + lane.length)),
  );
  const wide = () => [new Float32Array(VOCAB), new Float32Array(VOCAB)];
  return [
    { name: `${lane}.delta`, shape: [2, hidden], rows },
    { name: `${lane}.shift`, shape: [2, VOCAB], rows: wide() },
    { name: `${lane}.meanP`, shape: [2, VOCAB], rows: wide() },
    { name: `${lane}.baseMeanP`, shape: [VOCAB], rows: [new Float32Array(VOCAB)] },
  ];
}

/** By the whole vector at once, which the file's reader does in parts. */
function norms(lane: string): number[] {
  return stepsOf(lane)[0]!.rows.map((row) => Math.sqrt(row.reduce((sum, x) => sum + x * x, 0)));
}

function eventsOf(lanes: readonly string[], factor = 1): RunEvent[] {
  if (STARTED.type !== 'run.started') throw new Error('the fixture is another one');
  const all = ['baseline', 'slot', 'other'].map((name) => ({ name, steps: name === 'baseline' ? 0 : 2 }));
  const config = RunConfig.parse({ ...CONFIG, lanes: all });
  const started = { ...STARTED, config, model: { ...STARTED.model, vocab: VOCAB, hidden: HIDDEN } };
  const steps = lanes.flatMap((lane) =>
    norms(lane).map((norm, step) => ({ ...slotStep(step, 1, lane), deltaNorm: norm * factor })),
  );
  return [started, ...steps];
}

const BOTH = ['slot', 'other'];
const read = (tensors: readonly StackedTensor[], events: readonly RunEvent[], tokens?: string[]) =>
  decodeVectorsFile(encodeVectorsFile('run-1', tensors, tokens), events);

it('are read with the token texts that lie in the file', () => {
  const tensors = BOTH.flatMap((lane) => stepsOf(lane));
  const { vectors, tokens } = read(tensors, eventsOf(BOTH), ['a', 'b', 'c']);
  expect(tokens).toEqual(['a', 'b', 'c']);
  expect(vectors.deltaLanes()).toEqual(BOTH.map((name) => ({ name, steps: 2 })));
  expect(read(tensors, eventsOf(BOTH)).tokens).toBeUndefined();
  expect(runIdOf(encodeVectorsFile('run-1', tensors, undefined))).toBe('run-1');
  expect(runIdOf(encodeVectorsFile('../../x', tensors, undefined))).toBeUndefined();
});

it('may lack a lane that failed, but no part of one that is there', () => {
  const events = eventsOf(['other']);
  expect(read(stepsOf('other'), events).vectors.deltaLanes()).toEqual([{ name: 'other', steps: 2 }]);
  for (const missing of [0, 1, 2, 3]) {
    const some = stepsOf('other').toSpliced(missing, 1);
    expect(() => read(some, events), some.map(({ name }) => name).join()).toThrow(
      /^these are not this run's vectors: lane "other" has a hidden size of 2500 and a vocabulary of 3$/,
    );
  }
  expect(() => read([], events)).toThrow(/the run has no "vectors"/);
});

it.each<[string, StackedTensor[], RegExp]>([
  ['a lane that learns nothing', stepsOf('baseline'), /the run has no "baseline\.delta"/],
  ['another part', [...stepsOf('slot'), { name: 'slot.x', shape: [0], rows: [] }], /no "slot\.x"/],
  ['another width', stepsOf('slot', 2499), /a hidden size of 2500/],
  ['steps that the run did not take', stepsOf('other'), /delta of lane "other" after step 1 is another/],
])('are refused with %s', (_, tensors, why) => {
  expect(() => read(tensors, eventsOf(['slot']))).toThrow(
    expect.objectContaining({ code: 'other-run', message: expect.stringMatching(why) }),
  );
});

it('differ from those of the events by rounding at most', () => {
  const tensors = stepsOf('slot');
  for (const factor of [0.9995, 1.0005]) read(tensors, eventsOf(['slot'], factor));
  for (const factor of [0.998, 1.002, -1, 0])
    expect(() => read(tensors, eventsOf(['slot'], factor)), String(factor)).toThrow(/after step 1/);
  const second = eventsOf(['slot']).toSpliced(2, 1, { ...slotStep(1, 1), deltaNorm: 1 });
  expect(() => read(tensors, second)).toThrow(/after step 2 is another one/);
  // A norm of 0 is one as well: delta of a step without a gradient.
  const still = tensors.with(0, { ...tensors[0]!, rows: [0, 1].map(() => new Float32Array(HIDDEN)) });
  read(still, eventsOf(['slot'], 0));
});

it('are of no run whose events do not begin', () => {
  for (const events of [eventsOf(['slot']).slice(1), []])
    expect(() => read(stepsOf('slot'), events)).toThrow(/the run has no beginning/);
});
