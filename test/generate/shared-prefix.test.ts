/** What all prompts of a job begin with is read once, in whole chunks, and gives each the numbers that it has alone. */
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { prefill } from '../../engine/generate/prefill';
import { prefillAfter, SharedPrefix } from '../../engine/generate/shared-prefix';
import { Model } from '../../engine/model/model';
import { writeDecoder } from '../../fixtures/decoder';
import { temporaryFolder } from '../../fixtures/runs';

const { folder } = writeDecoder(join(temporaryFolder(), 'model'));
const model = await Model.open({ folder, dtype: null, memorySaver: false, device: 'cpu' });
afterAll(() => model.release());
const { signal } = new AbortController();

const CHUNK = model.backbone.chunkSize(0);
const beginning = Array.from({ length: CHUNK + 5 }, (_, at) => 3 + (at % 17));
const prompts = [
  [...beginning, 4, 5],
  [...beginning, 6],
  [...beginning, 4, 9, 9],
];
const others: readonly number[][] = [[...beginning.slice(0, CHUNK - 1), 1, 1, 1], beginning.slice(0, CHUNK)];

it('is known in whole chunks, to prompts that go on from there', async () => {
  const prefix = new SharedPrefix(prompts);
  for (const ids of prompts)
    expect((await prefix.of(model, ids, signal))?.ids).toEqual(beginning.slice(0, CHUNK));
  expect(await prefix.of(model, prompts[0]!, signal)).toBe(await prefix.of(model, prompts[1]!, signal));
  const parted = [...beginning.slice(0, CHUNK + 2), 1, 1];
  expect((await prefix.of(model, parted, signal))?.ids).toEqual(beginning.slice(0, CHUNK));
  for (const ids of others) expect(await prefix.of(model, ids, signal)).toBeUndefined();
});

it('is nothing of one prompt, of short ones, or of those that begin otherwise', async () => {
  const [first = [], second = []] = prompts;
  for (const few of [
    [first],
    [first, others[0]!],
    [first, [9, 9, ...second]],
    [
      [4, 5],
      [4, 6],
    ],
  ])
    expect(await new SharedPrefix(few).of(model, few[0]!, signal)).toBeUndefined();
});

it('is nothing where a prompt has to be read in one go', async () => {
  const requires = vi.spyOn(model.backbone, 'requiresSinglePrefill', 'get').mockReturnValue(true);
  expect(await new SharedPrefix(prompts).of(model, prompts[0]!, signal)).toBeUndefined();
  requires.mockRestore();
});

it('is what all begin with, though some have more in common', async () => {
  const [first = []] = prompts;
  const long = [...first, ...beginning, 7];
  const prefix = new SharedPrefix([long, [...beginning.slice(0, CHUNK + 3), 1], [...long, 8]]);
  expect((await prefix.of(model, [...long, 9], signal))?.ids).toEqual(beginning.slice(0, CHUNK));
});

it('is read no further once that is given up', async () => {
  const given = AbortSignal.abort(new Error('given up'));
  const reading = prefillAfter(model, prompts[0]!, new SharedPrefix(prompts), given);
  await expect(reading).rejects.toThrow('given up');
  const short = prefillAfter(model, [4, 5], new SharedPrefix([]), given);
  await expect(short).rejects.toThrow('given up');
});

it('changes no bit of what a prompt is read as', async () => {
  const prefix = new SharedPrefix(prompts);
  for (const ids of prompts) {
    const alone = await prefill(model, ids, () => {});
    const { hidden, reused } = (await prefillAfter(model, ids, prefix, signal)) as typeof alone;
    expect(reused).toBe(CHUNK);
    expect(hidden).toEqual(alone.hidden);
  }
});
