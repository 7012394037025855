/** Which tensors of a safetensors file are taken for deltas, and which shift stands beside which of them. */
import { expect, it } from 'vitest';
import { MAX_DELTA } from '../../engine/protocol';
import { deltaOfFile, deltasOfFile } from '../../engine/runs/delta-file';
import { encodeSafetensors } from '../../engine/runs/safetensors';

/** Tensors of these shapes, whose elements count on from 0. */
function file(shapes: Readonly<Record<string, readonly number[]>>): Uint8Array {
  let next = 0;
  const tensors = Object.entries(shapes).map(([name, shape]) => {
    const size = shape.reduce((product, dim) => product * dim, 1);
    return { name, shape, rows: [Float32Array.from({ length: size }, () => next++)] };
  });
  return encodeSafetensors(tensors);
}
const namesOf = (shapes: Readonly<Record<string, readonly number[]>>) =>
  deltasOfFile('x', file(shapes)).map(({ name }) => name);

it('takes those that are named delta, and no others beside them', () => {
  const shape = [1, 2];
  expect(
    namesOf({ a: shape, delta: shape, 'slot.delta': shape, mydelta: shape, deltas: shape, 'delta.x': shape }),
  ).toEqual(['delta', 'slot.delta']);
});

it('takes every vector and matrix where none is named so', () => {
  expect(namesOf({ direction: [2], steps: [3, 2], scale: [], cube: [1, 1, 2], none: [0, 2] })).toEqual([
    'direction',
    'steps',
  ]);
});

it('refuses a file that has none', () => {
  for (const shapes of [{}, { 'slot.delta': [1, 1, 2] }, { cube: [1, 1, 2] }])
    expect(() => namesOf(shapes)).toThrow(
      expect.objectContaining({ kind: 'input', code: 'given-delta', message: expect.stringMatching(/^x: /) }),
    );
});

it('takes as many steps as a lane may have, and no delta wider than any', () => {
  expect(namesOf({ delta: [1000, 1], 'a.delta': [1001, 1] })).toEqual(['delta']);
  expect(namesOf({ delta: [MAX_DELTA], 'a.delta': [MAX_DELTA + 1] })).toEqual(['delta']);
});

it('gives each step its own numbers, with the shift of its own lane where that was kept', () => {
  const deltas = deltasOfFile('x', file({ 'a.delta': [3, 2], 'a.shift': [2, 4], 'b.delta': [1, 2] }));
  const at = (tensor: string | undefined, step?: number) => {
    const { name, delta, shift, vocab, step: taken } = deltaOfFile('x', deltas, tensor, step);
    return { name, delta: [...delta], shift: shift && [...shift], vocab, step: taken };
  };
  const last = { name: 'a.delta', delta: [4, 5], shift: [10, 11, 12, 13], vocab: 4, step: 3 };
  expect(at(undefined)).toEqual(last);
  expect(at('a.delta', 3)).toEqual(last);
  expect(at('a.delta', 2)).toEqual({ ...last, delta: [2, 3], shift: [6, 7, 8, 9], step: 2 });
  // The first step's shift did not fit.
  expect(at('a.delta', 1)).toEqual({ ...last, delta: [0, 1], shift: undefined, vocab: undefined, step: 1 });
  expect(at('b.delta')).toMatchObject({ delta: [14, 15], shift: undefined, step: 1 });
});

it('takes no tensor for the shift of a vector that is not named delta', () => {
  const [only] = deltasOfFile('x', file({ shift: [1, 3] }));
  expect(only).toMatchObject({ name: 'shift', shifts: [] });
});

it('names the first eight that it has where another is asked for', () => {
  const shapes = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`${i}.delta`, [2]]));
  const ask = (tensor: string | undefined, step?: number) => () =>
    deltaOfFile('x.safetensors', deltasOfFile('x.safetensors', file(shapes)), tensor, step);
  const names = Array.from({ length: 8 }, (_, i) => `"${i}.delta"`).join(', ');
  expect(ask('slot')).toThrow(
    expect.objectContaining({
      code: 'given-delta',
      message: 'x.safetensors: it has no delta "slot"',
      hint: `It has ${names}.`,
    }),
  );
  expect(ask('1.delta', 2)).toThrow('x.safetensors: "1.delta" has 1 steps, so it has no step 2');
  expect(ask('1.delta', 0)).toThrow(/no step 0/);
});
