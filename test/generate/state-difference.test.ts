/** How far two ways to compute hidden states are apart, against float64: the largest logit, the divergence, the norm. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { differenceOf } from '../../engine/generate/state-difference';
import type { HeadRuntime } from '../../engine/onnx/runtime/head-runtime';
import { softmax } from '../../fixtures/reference';
import { temporaryFolder } from '../../fixtures/runs';
import { openHead } from '../slot/heads';

const [d, V] = [3, 5];
/** More positions than are looked at at a time. */
const N = 37;
const SCALE = -2;
const weight = Array.from({ length: V * d }, (_, i) => Math.sin(3 * i));
const folder = temporaryFolder();
let head: HeadRuntime;

beforeAll(async () => {
  head = await openHead(join(folder, 'head.onnx'), { d, V, weight, scale: SCALE });
});
afterAll(() => head.release());

const one = Float32Array.from({ length: N * d }, (_, i) => Math.sin(i));
const other = one.map((value, i) => value + 0.2 * Math.cos(5 * i));

function logits(states: Float32Array): number[][] {
  return Array.from({ length: N }, (_, row) =>
    Array.from(
      { length: V },
      (_, v) =>
        SCALE *
        Array.from({ length: d }, (_, i) => weight[v * d + i]! * states[row * d + i]!).reduce(
          (a, b) => a + b,
        ),
    ),
  );
}

it('is that of the logits, the distributions and the states', async () => {
  const [p, q] = [logits(one), logits(other)];
  const differences = p.flatMap((row, at) => row.map((logit, v) => Math.abs(logit - q[at]![v]!)));
  const kls = p.map((row, at) => {
    const [own, others] = [softmax(row), softmax(q[at]!)];
    return own.reduce((sum, value, v) => sum + value * Math.log(value / others[v]!), 0);
  });
  const found = await differenceOf(head, one, other);
  expect(found.largest).toBeCloseTo(Math.max(...differences), 5);
  expect(found.kl).toBeCloseTo(kls.reduce((sum, kl) => sum + kl) / N, 5);
  const apart = one.map((value, i) => value - other[i]!);
  expect(found.relative).toBeCloseTo(Math.hypot(...apart) / Math.hypot(...one), 6);
});

it('is the same of states in any number of blocks', async () => {
  const [whole, first] = [32 * d, 16 * d];
  const [all, begun, rest] = [
    await differenceOf(head, one.subarray(0, whole), other.subarray(0, whole)),
    await differenceOf(head, one.subarray(0, first), other.subarray(0, first)),
    await differenceOf(head, one.subarray(first, whole), other.subarray(first, whole)),
  ];
  expect(all.kl).toBeCloseTo((begun.kl + rest.kl) / 2, 10);
  expect(all.largest).toBe(Math.max(begun.largest, rest.largest));
});

it('of the same states is nothing', async () => {
  expect(await differenceOf(head, one, one)).toEqual({ largest: 0, kl: 0, relative: 0 });
});
