/** Which rows go through the model together, and that each lane's numbers are its own. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { AnswerRequest } from '../../engine/generate/answers';
import { type DecodedLane, decode } from '../../engine/generate/decode';
import { Model } from '../../engine/model/model';
import type { ReadTokens } from '../../engine/model/prefix-cache';
import { GenerationSettings } from '../../engine/protocol';
import { writeNBitsLayers } from '../../fixtures/nbits-layers';
import { largestDifference, temporaryFolder } from '../../fixtures/runs';
import { FIXTURES } from '../exports/traces';
import { answers, readPrompt, request, shift } from './answers';

const folder = temporaryFolder();
let model: Model;

beforeAll(async () => {
  const shape = { d: 64, headDim: 16, ffn: 96, logitSize: 2 };
  const { folder: path } = writeNBitsLayers(join(folder, 'q4'), shape);
  model = await Model.open({ folder: path, dtype: null, memorySaver: false, device: 'cpu' });
  // As of a model of large matrices.
  Object.defineProperty(model.backbone, 'twoRowsApart', { value: true, configurable: true });
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => model.release());

const prompt = () => readPrompt(model, model.tokenizer.encode('How many apples?', true));

/** What lanes that begin differently write, by their first id, and how many rows each pass had. */
async function lanes(prompt: ReadTokens, firstIds: readonly number[], of = model) {
  const step = vi.spyOn(of.backbone, 'step');
  const generation = GenerationSettings.parse({ maxNewTokens: 6, ignoreEos: true });
  const b = await shift(of, 0);
  const named = firstIds.map((id) => ({
    name: String(id),
    delta: new Float32Array(0),
    b,
    forcedPrefix: [id],
  }));
  const written = new Map<string, DecodedLane>();
  const { signal } = new AbortController();
  const options = { generation, listLength: 3, isStopped: () => false, signal };
  for await (const event of decode(of, prompt, named, options)) {
    if (event.type === 'ended') written.set(event.answer.lane, event.answer);
  }
  const rows = step.mock.calls.map(([ids]) => ids.length);
  step.mockRestore();
  return { written, rows };
}

it('two rows of a model that is sooner so go one after the other, to the hidden states that each has alone', async () => {
  const read = await prompt();
  const { written, rows } = await lanes(read, [40, 70]);
  expect(rows).toEqual(new Array<number>(10).fill(1));
  for (const id of [40, 70]) {
    const alone = await lanes(read, [id]);
    expect(written.get(String(id))).toEqual(alone.written.get(String(id)));
  }
});

it('more rows go together', async () => {
  const { rows } = await lanes(await prompt(), [40, 70, 90]);
  expect(rows).toEqual([3, 3, 3, 3, 3]);
});

it('the last two of a batch go on apart, from the cache that they shared', async () => {
  const b = await shift(model, 0);
  const texts = ['Why?', 'How many apples?', 'Tom has 3 apples and buys 5 more.'];
  const problems = await Promise.all(
    texts.map(async (text, at) => {
      const prompt = await readPrompt(model, model.tokenizer.encode(text, true));
      return [request(text, prompt, b, { maxNewTokens: at === 0 ? 3 : 8 })];
    }),
  );
  const step = vi.spyOn(model.backbone, 'step');
  const together = await answers(model, problems, { rows: 3 });
  const rows = step.mock.calls.map(([ids]) => ids.length);
  expect(rows).toContain(3);
  expect(rows.slice(-8)).toEqual(new Array<number>(8).fill(1));
  for (const problem of problems) {
    const { found } = await answers(model, [problem]);
    const { key } = problem[0]!;
    expect(together.found.get(key)!.ids).toEqual(found.get(key)!.ids);
  }
});

it('rows whose tokens are quantised together go alone, however many they are', async () => {
  const path = join(FIXTURES, 'llama-merged');
  const other = await Model.open({ folder: path, dtype: 'q8', memorySaver: false, device: 'cpu' });
  const read = await readPrompt(other, [5, 90, 17]);
  const ids = [40, 70, 90];
  const { written, rows } = await lanes(read, ids, other);
  expect(rows).toEqual(new Array<number>(3 * 5).fill(1));
  for (const id of ids) {
    const alone = await lanes(read, [id], other);
    expect(written.get(String(id))).toEqual(alone.written.get(String(id)));
  }
  const step = vi.spyOn(other.backbone, 'step');
  const b = await shift(other, 0);
  const lane = async (length: number) =>
    request(String(length), await readPrompt(other, [5, 90, 17].slice(0, length)), b, { maxNewTokens: 3 });
  await answers(other, [[await lane(2)], [await lane(3)]], { rows: 2 });
  expect(step.mock.calls.map(([each]) => each.length)).toEqual([1, 1, 1, 1]);
  await other.release();
});

it.each([
  ['apart', [1, 1, 1]],
  ['equal', [2, 1]],
] as const)('rows of which a batch must be %s are run so', async (rows, sizes) => {
  vi.spyOn(model, 'batching').mockResolvedValue({ rows, exact: true, largestDifference: 0 });
  Object.defineProperty(model.backbone, 'twoRowsApart', { value: false, configurable: true });
  const step = vi.spyOn(model.backbone, 'step');
  const b = await shift(model, 0);
  const texts = ['How many apples?', 'Tom has 3 apples and buys 5 more.', 'How many apples!'];
  const problems = texts.map(async (text) => [
    request(text, await readPrompt(model, model.tokenizer.encode(text, true)), b, { maxNewTokens: 3 }),
  ]);
  await answers(model, await Promise.all(problems), { rows: 3 });
  Object.defineProperty(model.backbone, 'twoRowsApart', { value: true });
  const calls = step.mock.calls.map(([ids, , padded]) => ({ rows: ids.length, padded }));
  expect(calls.map((each) => each.rows)).toEqual([...sizes, ...sizes]);
  expect(calls.filter(({ padded }) => padded)).toEqual([]);
});

/** Lanes of problems in one batch have the hidden states that each has alone. */
async function expectOwnNumbers(problems: readonly (readonly AnswerRequest[])[], rows: number) {
  const { found } = await answers(model, problems, { rows, keepHidden: true });
  for (const lane of problems.flat()) {
    const own = (await answers(model, [[lane]], { keepHidden: true })).found.get(lane.key)!;
    const { ids, hidden } = found.get(lane.key)!;
    expect(ids).toEqual(own.ids);
    for (const [i, state] of hidden!.entries())
      expect(largestDifference(state, own.hidden![i]!), `${lane.key} ${i}`).toBeLessThan(1e-4);
  }
}

const problem = async (text: string, maxNewTokens: number, ...begun: number[][]) => {
  const prompt = await readPrompt(model, model.tokenizer.encode(text, true));
  const b = await shift(model, 0);
  const lanes = begun.length > 0 ? begun : [[]];
  return lanes.map((forcedPrefix) => ({
    ...request(`${text} ${forcedPrefix}`, prompt, b, { maxNewTokens }),
    forcedPrefix,
  }));
};

it('a row that comes in the place of one that ended has its own past', async () => {
  const texts = ['How many apples?', 'Tom has 3 apples.', 'Why is it so?', 'Let us think.'];
  await expectOwnNumbers(await Promise.all(texts.map((text, at) => problem(text, at === 2 ? 3 : 9))), 3);
});

it('a row that parts in two while another ends leaves both with its past', async () => {
  const problems = [
    await problem('How many apples?', 9, [40, 70], [40, 90]),
    await problem('Tom has 3 apples.', 2),
    await problem('Why is it so?', 9),
  ];
  await expectOwnNumbers(problems, 3);
});

it('a batch is copied when rows come or go, and not in between', async () => {
  const texts = ['How many apples?', 'Tom has 3 apples.', 'Why is it so?'];
  const gather = vi.spyOn(model.backbone, 'gather');
  await answers(model, await Promise.all(texts.map((text) => problem(text, 9))), { rows: 3 });
  // Once for how rows share a batch, which is tried first, and once for the batch.
  const sizes = gather.mock.calls.map(([rows]) => rows.length);
  expect(sizes.filter((size) => size === 3)).toEqual([3]);
});
