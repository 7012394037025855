/** Answers of many problems: the tokens that the same lanes write alone, their texts, and how they end. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Model } from '../../engine/model/model';
import { writeDecoder } from '../../fixtures/decoder';
import { temporaryFolder } from '../../fixtures/runs';
import { alone, answers, readPrompt, request, shift } from './answers';

const folder = temporaryFolder();
let model: Model;

beforeAll(async () => {
  const { folder: path } = writeDecoder(join(folder, 'model'), { d: 48, logitSize: 2, seed: 6 });
  model = await Model.open({ folder: path, dtype: null, memorySaver: false, device: 'cpu' });
});
afterAll(() => model.release());

const ids = (text: string) => model.tokenizer.encode(text, true);

it('lanes of several problems write what they write alone, greedy and sampled', async () => {
  const problems = [];
  for (const [p, text] of ['How many apples?', 'Tom has 3 apples and buys 5 more.', 'Why?'].entries()) {
    const prompt = await readPrompt(model, ids(text));
    const lanes = [];
    for (const size of [0, 0.05, 0.05, 0.6]) {
      const generation = { maxNewTokens: 12 + 3 * p, temperature: p === 2 ? 0.8 : 0, seed: 7 };
      lanes.push(request(`${p}-${lanes.length}`, prompt, await shift(model, size), generation));
    }
    problems.push(lanes);
  }
  const { found } = await answers(model, problems);
  for (const lane of problems.flat())
    expect(found.get(lane.key)!.ids, lane.key).toEqual(await alone(model, lane));
  expect(new Set([...found.values()].map(({ text }) => text)).size).toBeGreaterThan(5);
});

it('an answer ends before the first of its stop texts', async () => {
  const prompt = await readPrompt(model, ids('How many apples?'));
  const zeros = await shift(model, 0);
  const whole = (await answers(model, [[request('whole', prompt, zeros, { maxNewTokens: 30 })]])).found.get(
    'whole',
  )!;
  expect(whole).toMatchObject({ reason: 'length', tokens: 30, text: model.tokenizer.decode(whole.ids) });
  const stop = whole.text.slice(20, 23);
  const lanes = [request('cut', prompt, zeros, { maxNewTokens: 30 }, ['no such text', stop])];
  const cut = (await answers(model, [lanes])).found.get('cut')!;
  expect(cut).toMatchObject({ reason: 'stop', text: whole.text.slice(0, whole.text.indexOf(stop)) });
  expect(cut.ids).toEqual(whole.ids.slice(0, cut.tokens));
  expect(cut.tokens).toBeLessThan(30);
});
