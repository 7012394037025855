/** What rounding loses is measured where that is possible, with the stored weights held no longer than it takes. */
import os from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { roundingOf } from '../../engine/generate/rounding';
import { Model, type OpenOptions } from '../../engine/model/model';
import { softmax } from '../../fixtures/reference';
import { temporaryFolder } from '../../fixtures/runs';
import { standIn } from '../../fixtures/stand-in';
import { readFamily, writeFamily } from '../checkpoint/families';

const memory = { free: Number.POSITIVE_INFINITY };
standIn(os, 'freemem', () => () => memory.free);

const root = temporaryFolder();
const folder = join(root, 'tiny');
const family = readFamily('llama');
const options: OpenOptions = {
  folder,
  dtype: 'safetensors_q4',
  memorySaver: false,
  device: 'cpu',
  prepared: { folder: join(root, 'prepared'), onProgress: () => {} },
};
let model: Model;

beforeAll(async () => {
  writeFamily(folder, family);
  model = await Model.open(options);
});
afterAll(() => model.release());
afterEach(() => {
  vi.restoreAllMocks();
  memory.free = Number.POSITIVE_INFINITY;
});

/** In float32. */
const STORED = Object.values(family.tensors).reduce(
  (sum, [shape]) => sum + 4 * shape.reduce((product, dim) => product * dim, 1),
  0,
);

it.each<[string, Partial<OpenOptions>]>([
  ['in fast arithmetic', { arithmetic: 'fast' }],
  ['on another device', { device: 'webgpu' }],
])('is not measured %s, which would add to it', async (_, other) => {
  const opened = vi.spyOn(Model, 'open');
  const { kl, message } = (await roundingOf(model, { ...options, ...other }))!;
  expect(kl).toBeNull();
  expect(message).toMatch(/not measured: .* on the CPU in exact arithmetic$/);
  expect(opened).not.toHaveBeenCalled();
});

it('is not measured where the stored weights would take more than half of the free memory', async () => {
  memory.free = 2 * STORED - 1;
  const { kl, message } = (await roundingOf(model, options))!;
  expect(kl).toBeNull();
  expect(message).toMatch(/with its stored weights the model would take [\d.]+ [kM]B of memory$/);
});

it('is the mean divergence from the stored weights, kept, and what measured it is released', async () => {
  memory.free = 2 * STORED;
  const open = Model.open.bind(Model);
  const released = vi.fn();
  let text: readonly number[] = [];
  vi.spyOn(Model, 'open').mockImplementation(async (...asked) => {
    expect(asked[0]).toMatchObject({ dtype: 'safetensors', memorySaver: true, device: 'cpu' });
    const stored = await open(...asked);
    const release = stored.release.bind(stored);
    vi.spyOn(stored, 'release').mockImplementation(() => {
      released();
      return release();
    });
    return stored;
  });
  const forward = model.backbone.forward.bind(model.backbone);
  vi.spyOn(model.backbone, 'forward').mockImplementation((ids, ...rest) => {
    text = ids[0]!;
    return forward(ids, ...rest);
  });
  const rounding = (await roundingOf(model, options))!;
  expect(released).toHaveBeenCalledOnce();
  vi.restoreAllMocks();
  const tokens = text.length;
  expect(tokens).toBeGreaterThan(40);
  expect(rounding.message).toContain(`over a text of ${tokens} tokens`);
  const expected = await divergence(text);
  expect(rounding.kl! / expected.kl).toBeCloseTo(1, 2);
  // Both happen, or this would say nothing.
  expect(expected.same).toBeGreaterThan(0);
  expect(expected.same).toBeLessThan(1);
  expect(model.made!.loss()).toEqual({ kl: rounding.kl, same: expected.same, tokens });
  // Once is enough, whatever memory is left.
  memory.free = 0;
  expect(await roundingOf(model, options)).toEqual(rounding);
});

/** Of the stored weights' next-token distributions from the rounded ones', and the share of equal best tokens; in float64. */
async function divergence(ids: readonly number[]): Promise<{ kl: number; same: number }> {
  const stored = await Model.open({ ...options, dtype: 'safetensors' });
  const [p, q] = [await distributions(stored, ids), await distributions(model, ids)];
  await stored.release();
  const kls = p.map((row, at) =>
    row.reduce((sum, value, v) => sum + value * Math.log(value / q[at]![v]!), 0),
  );
  const best = (row: readonly number[]) => row.indexOf(Math.max(...row));
  const same = p.filter((row, at) => best(row) === best(q[at]!)).length;
  return { kl: kls.reduce((sum, value) => sum + value) / ids.length, same: same / ids.length };
}

async function distributions({ backbone, head }: Model, ids: readonly number[]): Promise<number[][]> {
  const { hidden } = await backbone.forward([ids], backbone.emptyCache(1), 0);
  const z = await head.projectApart(hidden);
  return ids.map((_, at) => [...softmax(z.subarray(at * head.vocab, (at + 1) * head.vocab))]);
}

it('is no number where logits are none: that is said, and nothing is kept', async () => {
  const made = model.made!;
  vi.spyOn(made, 'loss').mockReturnValue(undefined);
  const kept = vi.spyOn(made, 'keepLoss');
  const distributions = model.head.distributions.bind(model.head);
  vi.spyOn(model.head, 'distributions').mockImplementation(async (...asked) => ({
    ...(await distributions(...asked)),
    kl: Number.NaN,
  }));
  await expect(roundingOf(model, options)).rejects.toMatchObject({
    kind: 'failure',
    code: 'rounded-weights',
  });
  expect(kept).not.toHaveBeenCalled();
});

it('is nothing where nothing is rounded', async () => {
  const stored = await Model.open({ ...options, dtype: 'safetensors' });
  expect(await roundingOf(stored, options)).toBeNull();
  await stored.release();
});
