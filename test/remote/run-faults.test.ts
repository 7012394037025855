/** A run on a server that is busy, cuts its answers, hangs or runs another model by now. */
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ModelSettings, type RunConfigInput } from '../../engine/protocol';
import { answerOf, one, only, temporaryFolder } from '../../fixtures/runs';
import { runEvents, testEngine } from '../../fixtures/test-engine';
import { at, error, event, FakeLlama, type FakeModel, type Fault, ok, type Reply } from './fake';
import { shortRun, writeServed } from './served';

const folder = temporaryFolder();
const engine = testEngine(join(folder, 'data'));
let path: string;
let model: FakeModel;
let fake: FakeLlama;

beforeAll(async () => {
  ({ path, model } = await writeServed(join(folder, 'model')));
});

afterEach(() => fake.stop());

const open = (server: string) => engine.query('model.open', ModelSettings.parse({ folder: path, server }));

const ask = (server: string, more?: Partial<RunConfigInput>) => shortRun(path, server, more);

/** Of what is streamed, the lanes' answers. */
const streams =
  (reply: Reply): Fault =>
  ({ path: where, body }) =>
    where === '/completion' && body.stream ? reply : undefined;

describe('a run', () => {
  it.each(['/props', '/embedding', '/completion'])(
    'opens a server that is busy when it is first asked for %s',
    async (where) => {
      fake = await FakeLlama.start(model);
      const faults = [
        error(429, 'slow down', { 'retry-after': '0' }),
        error(503, 'Loading model', { 'retry-after': '0' }),
      ];
      fake.fault = (asked) => (asked.path === where ? faults.shift() : undefined);
      expect((await open(fake.address)).server?.engine).toBe('llama.cpp');
      expect(faults).toEqual([]);
    },
  );

  it('asks again where the server is busy', async () => {
    fake = await FakeLlama.start(model);
    // Neither what the server is tried with, nor what is known to be too long.
    const isText = (tokens: number) => tokens > 2 && tokens < 128;
    let asked = 0;
    fake.fault = ({ path: where, body }) => {
      const isPrompt =
        where === '/embedding' && typeof body.content === 'object' && isText(body.content.length);
      return isPrompt && asked++ === 0 ? error(429, 'slow down', { 'retry-after': '0' }) : undefined;
    };
    const events = await runEvents(engine, ask(fake.address));
    expect(asked).toBeGreaterThan(1);
    expect(answerOf(events, 'slot')).toHaveLength(8);
  });

  it('keeps the other lane where an answer is cut in the middle', async () => {
    fake = await FakeLlama.start(model);
    const cutOff: Reply = (response) => {
      response.write(event({ content: 'a', tokens: [40], tokens_predicted: 1 }), () => response.destroy());
    };
    fake.fault = (asked) => (asked.body.logit_bias ? streams(cutOff)(asked) : undefined);
    const events = await runEvents(engine, ask(fake.address));
    expect(one(events, 'lane.failed')).toMatchObject({
      lane: 'slot',
      code: 'server-cut',
      hint: expect.stringContaining('still runs'),
    });
    expect(answerOf(events, 'baseline')).toHaveLength(8);
    expect(events.at(-1)).toMatchObject({ type: 'run.done' });
  });

  it.each([
    ['ends without an end', event({ content: 'a', tokens: [40] }), 'server-cut'],
    ['is no JSON', 'data: {"content": \n\n', 'server-answer'],
    ['has ids that are none', event({ tokens: [4e9], stop: true, tokens_predicted: 1 }), 'server-answer'],
  ])('says so where a stream %s', async (_name, sent, code) => {
    fake = await FakeLlama.start(model);
    fake.fault = streams((response) => void response.end(sent));
    const events = await runEvents(engine, ask(fake.address));
    expect(only(events, 'lane.failed').map((failed) => failed.code)).toEqual([code, code]);
  });

  it('has ids that a stream left out, within a character, asked for whole', async () => {
    fake = await FakeLlama.start(model);
    const sent =
      event({ content: '🦙', tokens: [43], tokens_predicted: 8 }) +
      event({ stop: true, tokens_predicted: 8 });
    fake.fault = streams((response) => void response.end(sent));
    const events = await runEvents(engine, ask(fake.address));
    expect(answerOf(events, 'baseline')).toEqual([40, 41, 42, 43, 44, 45, 46, 47]);
    expect(only(events, 'lane.draft').map(({ text }) => text)).toContain('🦙');
  });

  it('that is cancelled closes what the server is writing, and waits for nothing more', async () => {
    fake = await FakeLlama.start(model);
    fake.fault = streams((response) => {
      response.write(event({ content: 'a', tokens: [40], tokens_predicted: 1 }));
    });
    const events = await runEvents(engine, ask(fake.address), (told, runId) => {
      if (told.type === 'lane.draft' && told.lane === 'slot') engine.cancel(runId);
    });
    expect(events.at(-1)).toMatchObject({ type: 'run.cancelled' });
    expect(one(events, 'lane.done', 'slot')).toMatchObject({ reason: 'cancelled', text: 'a' });
    await expect.poll(() => fake.closed).toBe(2);
  });

  it('goes on without a lane that is stopped', async () => {
    fake = await FakeLlama.start(model);
    const hangs: Reply = (response) => {
      response.write(event({ content: 'a', tokens: [40], tokens_predicted: 1 }));
    };
    fake.fault = (asked) => (asked.body.logit_bias ? streams(hangs)(asked) : undefined);
    const events = await runEvents(engine, ask(fake.address), (told, runId) => {
      if (told.type === 'lane.draft' && told.lane === 'slot') engine.stopLane(runId, 'slot');
    });
    // What it had written stays, with both distributions.
    expect(one(events, 'lane.done', 'slot')).toMatchObject({ reason: 'cancelled', ids: [40] });
    expect(only(events, 'token').filter(({ lane }) => lane === 'slot')).toHaveLength(1);
    expect(one(events, 'lane.done', 'baseline').reason).toBe('length');
  });

  it('draws no more samples of a lane that is stopped', async () => {
    fake = await FakeLlama.start(model);
    // Of the lane's own answer the text is streamed; its samples are not, and hang.
    const hangs: Reply = () => {};
    fake.fault = ({ body }) => (body.logit_bias && !body.stream && !body.n_probs ? hangs : undefined);
    const generation = { maxNewTokens: 3, ignoreEos: true, temperature: 0.9 };
    const events = await runEvents(engine, ask(fake.address, { samples: 3, generation }), (told, runId) => {
      if (told.type === 'sample.done' && told.lane === 'baseline' && told.sample === 1)
        engine.stopLane(runId, 'slot');
    });
    expect(events.at(-1)).toMatchObject({ type: 'run.done' });
    const ended = only(events, 'sample.done').map(({ lane, sample }) => `${lane} ${sample}`);
    expect(ended.sort()).toEqual(['baseline 0', 'baseline 1', 'baseline 2', 'slot 0']);
  });

  it('refuses a server that runs another model by now', async () => {
    fake = await FakeLlama.start(model);
    await open(fake.address);
    fake.fault = at(
      '/v1/models',
      ok({ data: [{ id: 'new', meta: { n_vocab: model.vocab, n_embd: model.d } }] }),
    );
    const events = await runEvents(engine, ask(fake.address));
    expect(events.at(-1)).toMatchObject({ type: 'run.failed', code: 'server-changed' });
  });
});
