/** What is said of deltas: how alike they are, and which logits the loss pulls at. */
import { describe, expect, it } from 'vitest';
import { summarisePulls } from '../../engine/analysis/pulls';
import { similarityOf } from '../../engine/analysis/similarity';
import type { Tokenizer } from '../../engine/tokenizer/tokenizer';

describe('the similarity of deltas', () => {
  it('is the cosine of the angle between every two, beside their norms', () => {
    const { norms, cosines } = similarityOf([
      Float32Array.of(3, 4, 0),
      Float32Array.of(-6, -8, 0),
      Float32Array.of(0, 0, 2),
      Float32Array.of(1, 0, 0),
    ]);
    expect(norms).toEqual([5, 10, 2, 1]);
    expect(cosines).toEqual([
      [1, -1, 0, 0.6],
      [-1, 1, 0, -0.6],
      [0, 0, 1, 0],
      [0.6, -0.6, 0, 1],
    ]);
  });

  it('is not known of one that is all zeros, not even to itself', () => {
    const { norms, cosines } = similarityOf([Float32Array.of(0, 0), Float32Array.of(1, 0)]);
    expect(norms).toEqual([0, 1]);
    expect(cosines).toEqual([
      [null, null],
      [null, 1],
    ]);
  });

  it('is that of double precision', () => {
    const tiny = Float32Array.of(1e-30, 0);
    expect(similarityOf([tiny, tiny]).cosines[0]![1]).toBeCloseTo(1, 12);
  });
});

describe('what the loss pulls at', () => {
  const tokenizer = { text: (id: number) => `<${id}>` } as unknown as Tokenizer;
  const pulls = (values: number[], length: number) =>
    summarisePulls(Float32Array.from(values), tokenizer, length);

  it('are the logits that it wants higher, and those that it wants lower, the strongest first', () => {
    expect(pulls([0.5, -0.25, 0, -1, 0.125], 2)).toEqual({
      up: [
        { id: 3, token: '<3>', residual: -1 },
        { id: 1, token: '<1>', residual: -0.25 },
      ],
      down: [
        { id: 0, token: '<0>', residual: 0.5 },
        { id: 4, token: '<4>', residual: 0.125 },
      ],
    });
  });

  it('are none where it pulls at none', () => {
    expect(pulls([0, 0], 2)).toEqual({ up: [], down: [] });
    expect(pulls([1, 0], 2).up).toEqual([]);
    expect(pulls([-1, 0], 2).down).toEqual([]);
  });
});
