/** A row's next token: what is computed once for all its lanes is what each of them would be told alone. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { NextToken, shiftOf } from '../../engine/generate/next-token';
import { chooseToken } from '../../engine/generate/sampling';
import { Model } from '../../engine/model/model';
import { writeDecoder } from '../../fixtures/decoder';
import { temporaryFolder } from '../../fixtures/runs';

const folder = temporaryFolder();
let model: Model;

beforeAll(async () => {
  const { folder: path } = writeDecoder(join(folder, 'model'), { d: 48, logitSize: 2, seed: 6 });
  model = await Model.open({ folder: path, dtype: null, memorySaver: false, device: 'cpu' });
});
afterAll(() => model.release());

it('the baseline is told to the bit what a shift of zeros is told', async () => {
  const { head } = model;
  const zeros = new Float32Array(head.vocab);
  expect(shiftOf(zeros)).toBeUndefined();
  const z = zeros.map((_, i) => 5 * Math.sin(i));
  const { top, baseTop, ...both } = await new NextToken(head, z, 7).under(undefined);
  expect(both).toEqual(await head.distributions(z, zeros));
  expect(top).toHaveLength(7);
  expect(baseTop).toEqual(top);
});

it('lanes of a row are told what each is told alone, and the baseline is computed once', async () => {
  const { head } = model;
  const z = Float32Array.from({ length: head.vocab }, (_, i) => 5 * Math.sin(i));
  const shifts = [0.5, 2].map((size) => z.map((_, i) => size * Math.cos(3 * i)));
  const alone = await Promise.all(shifts.map((b) => head.distributions(z, b)));
  const distribution = vi.spyOn(head, 'distribution');
  const row = new NextToken(head, z, 20);
  const told = await Promise.all([row.under(undefined), ...shifts.map((b) => row.under(shiftOf(b)))]);
  expect(distribution).toHaveBeenCalledTimes(3);
  for (const [i, both] of alone.entries()) {
    const { top, baseTop, ...own } = told[i + 1]!;
    expect(own).toEqual(both);
    expect(baseTop).toEqual(told[0]!.top);
    expect(top).not.toEqual(baseTop);
  }
});

it('the most probable token is the first of equals', async () => {
  const { head } = model;
  for (const best of [5, head.vocab - 2]) {
    const z = Float32Array.from({ length: head.vocab }, (_, i) => Math.sin(i));
    for (const id of [best, best + 1]) z[id] = 4;
    const { logprobs, top } = await new NextToken(head, z, 1).under(undefined);
    const greedy = { temperature: 0, topP: 1, seed: 0 };
    expect([top[0], chooseToken(logprobs, greedy, 0)]).toEqual([best, best]);
  }
});
