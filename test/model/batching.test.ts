/** How rows share a batch, where padding or any company turns out wrong. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { testBatching } from '../../engine/model/batching';
import { Model } from '../../engine/model/model';
import { failure } from '../../engine/protocol';
import { writeCheckpoint } from '../../fixtures/checkpoint';
import { writeDecoder } from '../../fixtures/decoder';
import { temporaryFolder } from '../../fixtures/runs';
import { FIXTURES } from '../exports/traces';
import { alone, answers, readPrompt, request, shift } from '../generate/answers';

const folder = temporaryFolder();
let model: Model;

beforeAll(async () => {
  const { folder: path } = writeDecoder(join(folder, 'model'), { d: 48, logitSize: 2, seed: 6 });
  await open(path);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await model.release();
  await open(join(folder, 'model'));
});
afterAll(() => model.release());

async function open(path: string): Promise<void> {
  model = await Model.open({ folder: path, dtype: null, memorySaver: false, device: 'cpu' });
}

type Step = Model['backbone']['step'];

/** Another answer to every batch of several rows. */
function inCompany(change: (step: Step, ...call: Parameters<Step>) => ReturnType<Step>): void {
  const step = model.backbone.step.bind(model.backbone);
  vi.spyOn(model.backbone, 'step').mockImplementation((...call) =>
    call[0].length > 1 ? change(step, ...call) : step(...call),
  );
}

const broken = () => Promise.reject(failure('runtime', 'batch_size must be 1'));
/** As if each row read its neighbour's cache. */
const mixed: Parameters<typeof inCompany>[0] = (step, ids, cache, padded) =>
  step(ids, cache.select(ids.map((_, row) => (row + 1) % ids.length)), padded);

it.each<[string, 'equal' | 'apart', Parameters<typeof inCompany>[0]]>([
  ['batches that fail', 'apart', broken],
  ['rows that read each other', 'apart', mixed],
  [
    'padding that fails',
    'equal',
    (step, ids, cache, padded) => (isUnequal(padded) ? broken() : step(ids, cache, padded)),
  ],
  [
    'padding that is read',
    'equal',
    (step, ids, cache, padded) => step(ids, cache, isUnequal(padded) ? undefined : padded),
  ],
])('%s: rows are %s, and what they write is right', async (_, rows, change) => {
  const lanes = [];
  for (const text of ['Why?', 'How many apples?', 'Tom has 3.']) {
    const prompt = await readPrompt(model, model.tokenizer.encode(text, true));
    lanes.push([request(text, prompt, await shift(model, 0), { maxNewTokens: 6 })]);
  }
  const expected = await Promise.all(lanes.map(([lane]) => alone(model, lane!)));
  inCompany(change);
  expect(await model.batching()).toMatchObject({ rows });
  const { found } = await answers(model, lanes);
  expect(lanes.map(([lane]) => found.get(lane!.key)!.ids)).toEqual(expected);
});

function isUnequal(padded: Parameters<Step>[2]): boolean {
  return padded?.lengths.some((length) => length !== padded.lengths[0]) ?? false;
}

it('is tried once, and once more where that failed', async () => {
  const step = vi.spyOn(model.backbone, 'step');
  step.mockRejectedValueOnce(failure('runtime', 'no memory'));
  await expect(model.batching()).rejects.toThrow('no memory');
  const found = await model.batching();
  expect(found.rows).toBe('left');
  step.mockClear();
  expect(await model.batching()).toBe(found);
  expect(step).not.toHaveBeenCalled();
});

it('fails where what fails in a batch is no answer of onnxruntime’s', async () => {
  inCompany(() => Promise.reject(new TypeError('a mistake of ours')));
  await expect(model.batching()).rejects.toThrow('a mistake of ours');
});

it.each(['left', 'equal'] as const)(
  'takes numbers for the same up to a hundredth of the range of logits: %s',
  async (rows) => {
    const text = model.tokenizer.encode('How many apples does he have?', true);
    /** Hidden states that are all larger by a share make logits that are larger by it. */
    const trial = (share: number) => {
      vi.restoreAllMocks();
      inCompany(async (step, ids, cache, padded) => {
        if (rows === 'equal' && isUnequal(padded)) return broken();
        const forward = await step(ids, cache, padded);
        return { ...forward, hidden: forward.hidden.map((value) => (1 + share) * value) };
      });
      const projected = vi.spyOn(model.head, 'projectDecoded');
      return testBatching(model.backbone, model.head, text).then((found) => ({ found, projected }));
    };
    const exact = await trial(0);
    expect(exact.found.rows).toBe(rows);
    const all: Float32Array[] = await Promise.all(exact.projected.mock.results.map(({ value }) => value));
    // Of the rows alone, two tokens each; those of the last trial.
    const alone = all.filter((z) => z.length === model.head.vocab).slice(-8);
    const logits = alone.flatMap((z) => [...z]);
    const range = logits.reduce((a, b) => Math.max(a, b)) - logits.reduce((a, b) => Math.min(a, b));
    const largest = logits.reduce((most, logit) => Math.max(most, Math.abs(logit)), 0);
    const limit = (0.01 * range) / largest;
    const { found } = await trial(0.97 * limit);
    expect(found).toMatchObject({ rows, exact: false });
    expect(found.largestDifference / (0.01 * range)).toBeCloseTo(0.97, 2);
    expect((await trial(1.03 * limit)).found.rows).not.toBe(rows);
  },
);

it('of a decoder that is written for a checkpoint is padded at the right, where its attention counts from', async () => {
  const path = join(folder, 'checkpoint');
  const family = readFileSync(join(import.meta.dirname, '../fixtures/checkpoints/llama.json'), 'utf8');
  writeCheckpoint(path, join(FIXTURES, 'llama'), JSON.parse(family));
  const written = await Model.open({ folder: path, dtype: null, memorySaver: false, device: 'cpu' });
  const { rows, largestDifference } = await written.batching();
  await written.release();
  expect(rows).toBe('right');
  expect(largestDifference).toBeLessThan(1e-4);
});
