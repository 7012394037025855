/** Answers of many problems: the tokens that the same lanes write alone, their texts, and how they end. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type AnswerRequest, answerAll } from '../../engine/generate/answers';
import { Model } from '../../engine/model/model';
import { writeDecoder } from '../../fixtures/decoder';
import { largestDifference, temporaryFolder } from '../../fixtures/runs';
import { alone, answers, decodeAlone, readPrompt, request, shift } from './answers';

const folder = temporaryFolder();
let model: Model;

beforeAll(async () => {
  const { folder: path } = writeDecoder(join(folder, 'model'), { d: 48, logitSize: 2, seed: 6 });
  model = await Model.open({ folder: path, dtype: null, memorySaver: false, device: 'cpu' });
});
afterAll(() => model.release());

const TEXTS = [
  'How many apples?',
  'Tom has 3 apples and buys 5 more.',
  'Why?',
  'Let us think, step by step.',
];
const read = (text: string) => readPrompt(model, model.tokenizer.encode(text, true));

/** One problem a text, a lane for each size of delta. */
function problems(
  sizes: readonly number[],
  generation: (problem: number) => Parameters<typeof request>[3],
): Promise<AnswerRequest[][]> {
  return Promise.all(
    TEXTS.map(async (text, at) => {
      const prompt = await read(text);
      const shifts = await Promise.all(sizes.map((size) => shift(model, size)));
      return shifts.map((b, lane) => request(`${at}-${lane}`, prompt, b, generation(at)));
    }),
  );
}

async function baseline(text: string, generation = {}) {
  return request('only', await read(text), await shift(model, 0), generation);
}

async function onlyAnswer(lane: AnswerRequest, options = {}) {
  const { found } = await answers(model, [[lane]], options);
  return found.get(lane.key)!;
}

describe('lanes of several problems write what they write alone', () => {
  it.each([
    { temperature: 0, rows: 1 },
    { temperature: 0, rows: 3 },
    { temperature: 0, rows: 8 },
    { temperature: 0.8, rows: 5 },
  ])('$rows rows at temperature $temperature', async ({ temperature, rows }) => {
    const lanes = await problems([0, 0.05, 0.05, 0.6], (at) => ({
      maxNewTokens: 12 + 3 * at,
      temperature,
      topP: 0.95,
      seed: 7,
    }));
    const { found } = await answers(model, lanes, { rows });
    for (const lane of lanes.flat()) {
      expect(found.get(lane.key)!.ids, lane.key).toEqual(await alone(model, lane));
    }
    expect(new Set([...found.values()].map(({ text }) => text)).size).toBeGreaterThan(6);
  });

  it('also when another run takes its turn between two steps', async () => {
    const lanes = (await problems([0, 0.6], () => ({ maxNewTokens: 10 }))).slice(0, 2);
    const expected = (await answers(model, lanes)).found;
    const between = await baseline('Why?', { maxNewTokens: 3 });
    const waiting = [...lanes];
    const signal = new AbortController().signal;
    for await (const event of answerAll(model, async () => waiting.shift(), { rows: 4, signal })) {
      if (event === 'tick') await alone(model, between);
      else expect(event).toEqual(expected.get(event.key));
    }
  });
});

describe('the batch', () => {
  const ofLength = (maxNewTokens: readonly number[]) =>
    problems([0], (at) => ({ maxNewTokens: maxNewTokens[at]! }));

  it('takes all rows along in one pass, and one at a time where one is wanted', async () => {
    // The prompt's own pass tells the first token.
    const lanes = await ofLength([9, 9, 9, 9]);
    expect((await answers(model, lanes, { rows: 4 })).passes).toBe(8);
    expect((await answers(model, lanes, { rows: 1 })).passes).toBe(4 * 8);
  });

  it('is filled up as rows end', async () => {
    const { passes } = await answers(model, await ofLength([4, 16, 4, 4]), { rows: 2 });
    expect(passes).toBe(15);
  });

  it('shares a row between lanes until they write different tokens', async () => {
    const step = vi.spyOn(model.backbone, 'step');
    const [first] = await problems([0, 0, 0.6], () => ({ maxNewTokens: 20 }));
    const { found } = await answers(model, [first!]);
    const [a, , c] = [0, 1, 2].map((lane) => found.get(`0-${lane}`)!.ids);
    const parted = a!.findIndex((id, i) => id !== c![i]);
    expect(parted).toBeGreaterThan(-1);
    expect(step.mock.calls.map(([ids]) => ids.length)).toEqual(
      Array.from({ length: 19 }, (_, i) => (i < parted ? 1 : 2)),
    );
    step.mockRestore();
  });

  it('is padded to its longest row, and no further once that has ended', async () => {
    const step = vi.spyOn(model.backbone, 'step');
    await answers(model, await ofLength([20, 3, 20, 20]), { rows: 2 });
    const calls = step.mock.calls.map(([, cache, padded]) => ({ cache, padded }));
    step.mockRestore();
    expect(calls.some(({ padded }) => padded)).toBe(true);
    for (const { cache, padded } of calls) {
      if (padded) expect(cache.columns).toBe(Math.max(...padded.lengths));
    }
  });

  it('holds twice as many lanes at most, whether a problem has few or many', async () => {
    const step = vi.spyOn(model.backbone, 'step');
    // Sampled with a seed of its own, each lane goes its own way.
    const many = [];
    for (const lanes of [9, 1, 2, 5]) {
      const prompt = await read(TEXTS[lanes % 4]!);
      const b = await shift(model, 0);
      const lane = (seed: number) => ({ maxNewTokens: 2 + (seed % 5), temperature: 2, seed });
      many.push(
        Array.from({ length: lanes }, (_, at) => request(`${lanes}-${at}`, prompt, b, lane(10 * lanes + at))),
      );
    }
    const { found } = await answers(model, many, { rows: 2 });
    const sizes = step.mock.calls.map(([ids]) => ids.length);
    step.mockRestore();
    expect(Math.max(...sizes)).toBe(4);
    for (const lane of many.flat()) expect(found.get(lane.key)!.ids).toEqual(await alone(model, lane));
  });

  it('asks for no other problem while all lanes that it may hold are busy', async () => {
    let asked = 0;
    const lanes = await problems([0, 0, 0, 0], () => ({ maxNewTokens: 6 }));
    const signal = new AbortController().signal;
    const events = answerAll(model, async () => lanes[asked++], { rows: 4, signal });
    // All lanes of a problem write the same, so two of them are two rows, of eight lanes.
    expect((await events.next()).value).toBe('tick');
    expect(asked).toBe(2);
    await events.return();
  });
});

describe('an answer', () => {
  it('ends before the first of its stop texts', async () => {
    // Sampled, since the greedy one repeats itself.
    const generation = { maxNewTokens: 60, temperature: 1, seed: 3 };
    const whole = await onlyAnswer(await baseline('Why?', generation));
    const { text } = whole;
    expect(whole).toMatchObject({ reason: 'length', tokens: 60, text: model.tokenizer.decode(whole.ids) });
    expect(text.length).toBeGreaterThan(20);
    for (const [from, to] of [
      [20, 21],
      [12, 24],
    ] as const) {
      const stop = text.slice(from, to);
      const stops = ['no such text', `${stop}and more`, stop];
      const cut = await onlyAnswer(await baseline('Why?', { ...generation, stops }));
      expect(cut).toMatchObject({ reason: 'stop', text: text.slice(0, text.indexOf(stop)) });
      expect(cut.ids).toEqual(whole.ids.slice(0, cut.tokens));
      // Not a token later than the text that stopped it.
      expect(model.tokenizer.decode(cut.ids.slice(0, -1))).not.toContain(stop);
      expect(model.tokenizer.decode(cut.ids)).toContain(stop);
    }
    // Of two that the same token completes, the one that begins earlier.
    const long = text.slice(12, 24);
    const both = await onlyAnswer(await baseline('Why?', { ...generation, stops: [long.slice(1), long] }));
    expect(both.text).toBe(text.slice(0, text.indexOf(long)));
  });

  it('ends at a stop id, which is its last token, unless that is ignored', async () => {
    const whole = await onlyAnswer(await baseline('Why?', { maxNewTokens: 20 }));
    const id = whole.ids[7]!;
    const stopIds = vi.spyOn(model, 'stopIds', 'get').mockReturnValue([id]);
    const ended = await onlyAnswer(await baseline('Why?', { maxNewTokens: 20, ignoreEos: false }));
    const ignored = await onlyAnswer(await baseline('Why?', { maxNewTokens: 20 }));
    stopIds.mockRestore();
    expect(ended).toMatchObject({ reason: 'eos', ids: whole.ids.slice(0, whole.ids.indexOf(id) + 1) });
    expect(ignored).toEqual(whole);
  });

  it('of a lane whose logits are no finite numbers ends alone', async () => {
    const prompt = await read('Why?');
    const broken = (await shift(model, 0)).fill(Number.POSITIVE_INFINITY, 3, 4);
    const lanes = [
      request('broken', prompt, broken),
      request('sound', prompt, await shift(model, 0), { maxNewTokens: 5 }),
    ];
    const told: string[] = [];
    const { found } = await answers(model, [lanes], { onToken: (key) => told.push(key) });
    expect(told).toEqual(new Array(5).fill('sound'));
    expect(found.get('broken')).toEqual({
      key: 'broken',
      ids: [],
      text: '',
      reason: 'not-finite',
      tokens: 0,
      meanEntropy: 0,
    });
    expect(found.get('sound')).toMatchObject({ reason: 'length', ids: await alone(model, lanes[1]!) });
  });

  it('has no more tokens than the context has room for', async () => {
    const lane = await baseline('Why?', { maxNewTokens: 50 });
    const room = vi.spyOn(model, 'room');
    room.mockReturnValue(4);
    expect(await onlyAnswer(lane)).toMatchObject({ reason: 'length', tokens: 4 });
    room.mockReturnValue(0);
    expect(await onlyAnswer(lane)).toMatchObject({ reason: 'length', tokens: 0, text: '' });
    room.mockRestore();
  });

  it('brings what a run tells of it: mean entropy and, where asked, hidden states', async () => {
    const [lanes] = await problems([0, 0.6], () => ({ maxNewTokens: 9 }));
    const { found } = await answers(model, [lanes!], { keepHidden: true });
    for (const lane of lanes!) {
      const answer = found.get(lane.key)!;
      const { hidden, entropies } = await decodeAlone(model, lane);
      expect(answer.meanEntropy).toBeCloseTo(entropies.reduce((sum, x) => sum + x, 0) / 9, 5);
      expect(answer.hidden).toHaveLength(9);
      for (const [i, state] of answer.hidden!.entries()) {
        expect(largestDifference(state, hidden[i]!)).toBeLessThan(1e-5);
      }
    }
  });
});

it('a cancel is seen before the next pass', async () => {
  const controller = new AbortController();
  const lane = await baseline('Why?', { maxNewTokens: 50 });
  const waiting = [[lane]];
  let passes = 0;
  const work = async () => {
    for await (const _ of answerAll(model, async () => waiting.shift(), {
      rows: 2,
      signal: controller.signal,
    })) {
      if (++passes === 3) controller.abort(new Error('enough'));
    }
  };
  await expect(work()).rejects.toThrow('enough');
  expect(passes).toBe(3);
});
