/** What is told of lanes whose answers come from elsewhere: drafts, failures, texts that are cut, and a cancel in between. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { FinishedAnswer } from '../../engine/generate/answers';
import type { DecodedLane, DecodeEvent } from '../../engine/generate/decode';
import { answerPrompts } from '../../engine/generate/decode-lanes';
import { LocalModel } from '../../engine/generate/local-model';
import type { RunContext } from '../../engine/generate/run-context';
import { Model } from '../../engine/model/model';
import { failure, RunConfig, type RunEvent } from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import { one, only, temporaryFolder } from '../../fixtures/runs';

const { folder } = writeDecoder(join(temporaryFolder(), 'model'), { layers: 1 });
const NAMES = ['a', 'b'];
const config = RunConfig.parse({
  model: { folder },
  prompt: { kind: 'raw', text: 'x' },
  lanes: NAMES.map((name) => ({ name, steps: 0 })),
});
let model: LocalModel;

beforeAll(async () => {
  model = new LocalModel(await Model.open({ folder, dtype: null, memorySaver: false, device: 'cpu' }));
});
afterAll(() => model.release());
afterEach(() => vi.restoreAllMocks());

const NONE = new Float32Array(0);
const written = (lane: string, ids: readonly number[] = []): DecodedLane => ({
  lane,
  ids,
  b: NONE,
  hidden: [],
});

/** What a run tells where its model tells this of both lanes. */
async function told(happenings: readonly (DecodeEvent | 'cancel' | Error)[], samples = 1) {
  const events: RunEvent[] = [];
  const answers: DecodedLane[] = [];
  const stop = new AbortController();
  vi.spyOn(model, 'decode').mockImplementation(async function* () {
    for (const each of happenings) {
      if (each instanceof Error) throw each;
      if (each === 'cancel') stop.abort(new Error('cancelled'));
      else yield each;
    }
    stop.signal.throwIfAborted();
  });
  const context: RunContext = {
    runId: 'r',
    config: { ...config, samples },
    emit: (event) => events.push(event),
    signal: stop.signal,
    isStopped: () => false,
    record: { startLane: () => {}, step: () => {}, answer: (answer) => answers.push(answer) },
  };
  const lanes = NAMES.map((name) => ({ name, delta: NONE, b: NONE, forcedPrefix: [] }));
  const { generation } = config;
  const options = { generation, listLength: 1, isStopped: () => false, signal: stop.signal };
  const prompt = { sequence: { ids: [1], hidden: NONE }, lanes, matchings: [], options };
  const end = await answerPrompts(model, [prompt], context).then(
    () => 'done',
    (error: Error) => error.message,
  );
  return { events, answers, end };
}

it('a draft is told as it grows, and is the text of an answer that is cancelled before its tokens come', async () => {
  const { events, answers, end } = await told([
    { type: 'draft', lane: 'a', text: 'One' },
    { type: 'draft', lane: 'a', text: 'One two' },
    'cancel',
  ]);
  expect(only(events, 'lane.draft')).toEqual([
    { type: 'lane.draft', lane: 'a', text: 'One' },
    { type: 'lane.draft', lane: 'a', text: 'One two' },
  ]);
  const cancelled = { reason: 'cancelled', ids: [], tokens: 0 };
  expect(one(events, 'lane.done', 'a')).toMatchObject({ ...cancelled, text: 'One two' });
  expect(one(events, 'lane.done', 'b')).toMatchObject({ ...cancelled, text: '' });
  expect([answers, end]).toEqual([[], 'cancelled']);
});

it('no lane is told as cancelled where the model fails', async () => {
  const { events, end } = await told([{ type: 'draft', lane: 'a', text: 'One' }, new Error('out of memory')]);
  expect(events).toEqual([{ type: 'lane.draft', lane: 'a', text: 'One' }]);
  expect(end).toBe('out of memory');
});

it('a lane that fails says why, and the others go on', async () => {
  const error = failure('server', 'the server is gone', 'Start it again.');
  const { events, answers, end } = await told([
    { type: 'failed', lane: 'a', error },
    { type: 'ended', reason: 'stop', answer: written('b'), text: 'cut' },
  ]);
  expect(events).toEqual([
    { type: 'lane.failed', lane: 'a', code: 'server', message: error.message, hint: error.hint },
    expect.objectContaining({ type: 'lane.done', lane: 'b', reason: 'stop', text: 'cut' }),
  ]);
  expect(answers.map(({ lane }) => lane)).toEqual(['b']);
  expect(end).toBe('done');
});

it('where one answer of each lane is wanted, no more are asked for', async () => {
  const asked = vi.spyOn(model, 'answers');
  await told(NAMES.map((lane) => ({ type: 'ended', reason: 'eos', answer: written(lane) }) as const));
  expect(asked).not.toHaveBeenCalled();
});

it('further samples are drawn of the lanes that have answered', async () => {
  const asked: string[] = [];
  vi.spyOn(model, 'answers').mockImplementation(async function* (next) {
    yield 'tick' as const;
    for (const { key } of (await next()) ?? []) asked.push(key);
  });
  await told(
    [
      { type: 'not-finite', lane: 'a', index: 0 },
      { type: 'ended', reason: 'length', answer: written('b') },
    ],
    3,
  );
  expect(asked).toEqual(['["b",1]', '["b",2]']);
});

/** What is told of the samples that a model answers so, by the keys that it is asked for. */
async function sampled(answer: (keys: readonly string[]) => readonly (Partial<FinishedAnswer> | 'tick')[]) {
  vi.spyOn(model, 'answers').mockImplementation(async function* (next, { onToken }) {
    const keys = ((await next()) ?? []).map(({ key }) => key);
    expect(await next()).toBeUndefined();
    for (const key of keys)
      onToken?.(key, { index: 0, id: 70, logprob: -1, baseLogprob: -2, drawnLogprob: undefined });
    for (const each of answer(keys)) {
      if (each === 'tick') yield each;
      else yield { key: '', ids: [70], text: 'C', reason: 'length', tokens: 1, meanEntropy: 0, ...each };
    }
  });
  const ended = NAMES.map((lane) => ({ type: 'ended', reason: 'eos', answer: written(lane) }) as const);
  return told(ended, 2);
}

it('a sample whose logits are no numbers is left, and the others are told', async () => {
  const { events, end } = await sampled(([a, b]) => [
    { key: a!, reason: 'not-finite' },
    'tick',
    { key: b!, reason: 'stop', text: 'so' },
  ]);
  expect(one(events, 'notice')).toEqual({
    type: 'notice',
    code: 'not-finite',
    lane: 'a',
    message: 'sample 2 of "a" was left: its logits are not finite numbers',
  });
  const token = { index: 0, id: 70, token: model.tokenizer.text(70), logprob: -1, baseLogprob: -2 };
  expect(only(events, 'sample.token')).toEqual(
    NAMES.map((lane) => ({ type: 'sample.token', lane, sample: 1, ...token })),
  );
  // What ends an answer where no text is to: whoever wrote it has no more to say.
  expect(only(events, 'sample.done').slice(2)).toEqual([
    expect.objectContaining({ lane: 'b', sample: 1, reason: 'length', text: 'so', tokens: 1 }),
  ]);
  expect(end).toBe('done');
});

it('what goes wrong with the model itself is told by no sample', async () => {
  const { events, end } = await sampled(() => {
    throw new Error('broken');
  });
  expect(only(events, 'sample.done').map(({ sample }) => sample)).toEqual([0, 0]);
  expect(end).toBe('broken');
});

it('logits that are no numbers are told with the token that they are of', async () => {
  const { events } = await told([
    { type: 'not-finite', lane: 'b', index: 4 },
    { type: 'ended', reason: 'length', answer: written('a') },
  ]);
  expect(one(events, 'lane.failed')).toMatchObject({
    lane: 'b',
    code: 'not-finite',
    message: 'the logits of token 5 are not finite numbers',
  });
  expect(one(events, 'lane.done').lane).toBe('a');
});

it('what had ended or failed before a cancel is told once', async () => {
  const { events } = await told([
    { type: 'ended', reason: 'eos', answer: written('a') },
    { type: 'not-finite', lane: 'b', index: 0 },
    'cancel',
  ]);
  expect(events.map(({ type }) => type)).toEqual(['lane.done', 'lane.failed']);
});

it('no more is asked for once the run is cancelled', async () => {
  const { events, end } = await told([
    { type: 'draft', lane: 'a', text: 'One' },
    'cancel',
    { type: 'draft', lane: 'a', text: 'One two' },
    { type: 'draft', lane: 'a', text: 'One two three' },
  ]);
  expect(only(events, 'lane.draft').map(({ text }) => text)).toEqual(['One', 'One two']);
  expect(end).toBe('cancelled');
});
