/** What is kept of a run's vectors: all lanes together within the budget, the last steps of each, and whole on disk. */
import { expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors, type NamedTensor } from '../../engine/runs/safetensors';
import { RunVectors } from '../../engine/runs/vectors';

const FLOAT = 4;

/** Steps of lanes one lane after the other, as a run takes them; `check` after each. */
function fill(budget: number, vocab: number, steps: readonly number[], check: (vectors: RunVectors) => void) {
  const vectors = new RunVectors(budget);
  const base = new Float32Array(vocab).fill(1 / vocab);
  for (const [i, count] of steps.entries()) {
    vectors.startLane(`lane ${i}`, base);
    for (let step = 0; step < count; step++) {
      const shift = new Float32Array(vocab).fill(100 * i + step);
      vectors.addStep(`lane ${i}`, { delta: Float32Array.of(step), shift, meanP: shift.slice() });
      check(vectors);
    }
  }
  return vectors;
}

/** Vocabulary-sized bytes, a base of several lanes counted once. */
function bytesOf(vectors: RunVectors): number {
  const rows = vectors
    .toTensors()
    .filter(({ name }) => !name.endsWith('.delta'))
    .flatMap((tensor) => tensor.rows);
  return [...new Set(rows)].reduce((sum, row) => sum + row.byteLength, 0);
}

const kept = (vectors: RunVectors, lane: number) => vectors.series(`lane ${lane}`, [0])[0]!;

it.each([
  { vocab: 100, lanes: 8, steps: 20, rows: 41 },
  { vocab: 1000, lanes: 8, steps: 50, rows: 129 },
  { vocab: 1000, lanes: 1, steps: 50, rows: 21 },
  { vocab: 7, lanes: 3, steps: 200, rows: 201 },
])('holds $lanes lanes of $steps steps within one budget at any moment', ({ vocab, lanes, steps, rows }) => {
  const budget = rows * vocab * FLOAT;
  const vectors = fill(budget, vocab, Array<number>(lanes).fill(steps), (now) =>
    expect(bytesOf(now)).toBeLessThanOrEqual(budget),
  );
  const counts = Array.from({ length: lanes }, (_, lane) => kept(vectors, lane).length);
  // The room is used, and shared alike.
  expect(bytesOf(vectors)).toBeGreaterThan(budget - 3 * vocab * FLOAT);
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  for (let lane = 0; lane < lanes; lane++) {
    const last = counts[lane]!;
    const expected = Array.from({ length: last }, (_, i) => 100 * lane + steps - last + i);
    expect(kept(vectors, lane)).toEqual(expected);
    expect(() => vectors.at(`lane ${lane}`, steps - last - 1)).toThrow(/is not kept/);
    expect(vectors.at(`lane ${lane}`, steps - 1).shift[0]).toBe(100 * lane + steps - 1);
  }
});

it('takes nothing from a lane of few steps while another has many', () => {
  const vectors = fill(21 * 100 * FLOAT, 100, [3, 30], () => {});
  expect(kept(vectors, 0)).toEqual([0, 1, 2]);
  expect(kept(vectors, 1)).toHaveLength(7);
});

it('keeps the last step of each lane whatever the budget', () => {
  const vectors = fill(0, 100, [3, 3], () => {});
  expect([kept(vectors, 0), kept(vectors, 1)]).toEqual([[2], [102]]);
});

it('come back from disk as they were, without a copy', () => {
  const vectors = fill(21 * 100 * FLOAT, 100, [4, 30], () => {});
  const file = encodeSafetensors(vectors.toTensors());
  const tensors = decodeSafetensors(file);
  for (const { data } of tensors.values()) expect(data.buffer).toBe(file.buffer);
  const read = RunVectors.fromTensors(tensors);
  for (const lane of ['lane 0', 'lane 1']) {
    expect(read.figures(lane, [0, 99])).toEqual(vectors.figures(lane, [0, 99]));
    expect(read.at(lane, lane === 'lane 0' ? 3 : 29)).toEqual(vectors.at(lane, lane === 'lane 0' ? 3 : 29));
  }
});

it.each<[string, Partial<Record<'delta' | 'shift' | 'meanP' | 'baseMeanP', number[]>>]>([
  ['rows of another width', { shift: [2, 4] }],
  ['fewer probabilities than shifts', { meanP: [1, 3] }],
  ['more shifts than deltas', { delta: [1, 5] }],
  ['no base', { baseMeanP: [0] }],
])('with %s are damaged', (_, changed) => {
  expect(() => RunVectors.fromTensors(tensorsOf(changed))).toThrow(
    expect.objectContaining({ code: 'safetensors' }),
  );
});

it('of 2^40 rows of nothing are none', () => {
  const vectors = RunVectors.fromTensors(
    tensorsOf({ delta: [2 ** 40, 0], shift: [2 ** 40, 0], meanP: [0, 7] }),
  );
  expect(vectors.series('slot', [0])).toEqual([[]]);
});

function tensorsOf(changed: Record<string, number[]>): Map<string, NamedTensor> {
  const shapes = { delta: [2, 5], shift: [2, 3], meanP: [2, 3], baseMeanP: [3], ...changed };
  return new Map(
    Object.entries(shapes).map(([part, shape]) => {
      const data = new Float32Array(shape.reduce((product, dim) => product * dim, 1));
      return [`slot.${part}`, { name: `slot.${part}`, shape, data }];
    }),
  );
}
