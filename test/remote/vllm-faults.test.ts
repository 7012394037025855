/** What vLLM can do wrong, in a line each with the way out: its refusals are those that the real server was recorded with. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ModelSettings, type RunConfigInput } from '../../engine/protocol';
import { answerOf, one, only, temporaryFolder } from '../../fixtures/runs';
import { runEvents, testEngine } from '../../fixtures/test-engine';
import { type Asked, at, error, type FakeModel, type Fault, ok, type Reply } from './fake';
import { FakeVllm, part } from './fake-vllm';
import { recordingOf } from './record-vllm';
import { floatsOf, Recording } from './recorded';
import { shortRun, writeServed } from './served';

const folder = temporaryFolder();
const engine = testEngine(join(folder, 'data'));
const { refusals } = Recording.parse(JSON.parse(readFileSync(recordingOf('llama3'), 'utf8')));
let path: string;
let model: FakeModel;
let fake: FakeVllm;

beforeAll(async () => {
  ({ path, model } = await writeServed(join(folder, 'model')));
});

afterEach(() => fake.stop());

const open = (server: string) => engine.query('model.open', ModelSettings.parse({ folder: path, server }));

const ask = (server: string, more?: Partial<RunConfigInput>) => shortRun(path, server, more);

/** As the real server said it. */
const recorded = (name: string): Reply => {
  const { status, type, text } = refusals[name]!;
  return (response) => void response.writeHead(status, { 'content-type': type }).end(text);
};

const isHidden = ({ path: where }: Asked) => where.startsWith('/v1/slot/hidden/');
const isSlot = ({ body }: Asked) => body.vllm_xargs?.slot_delta !== undefined;
const slotOf = (changed: object): Fault => at('/v1/slot', ok({ ...fake.slot, ...changed }));

interface Case {
  readonly fault: () => Fault;
  readonly code: string;
  readonly message: RegExp;
  readonly hint: RegExp;
}

const CASES: Readonly<Record<string, Case>> = {
  'no plugin': {
    fault: () => at('/v1/slot', recorded('a path it does not know')),
    code: 'server-vllm',
    message: /is vLLM, which needs SLOT Studio’s plugin/,
    hint: /pip install .*VLLM_PLUGINS=slot and VLLM_USE_V2_MODEL_RUNNER=0/,
  },
  'a plugin that is too old': {
    fault: () => at('/v1/slot', ok({ version: '0.1.0', is_ready: true, reason: null })),
    code: 'server-vllm',
    message: /too old \(0\.1\.0; 0\.2 is needed\)/,
    hint: /pip install/,
  },
  'a plugin that cannot work': {
    fault: () =>
      slotOf({
        is_ready: false,
        reason: 'SLOT does not work with speculative decoding: start the server without --speculative-config',
      }),
    code: 'server-vllm',
    message: /without --speculative-config/,
    hint: /start it with VLLM_PLUGINS=slot/,
  },
  'a key that is asked for': {
    fault: () => at('/v1/models', recorded('no key')),
    code: 'server-key',
    message: /asks for a key \(401\)/,
    hint: /SLOT_STUDIO_SERVER_KEY/,
  },
  'a plugin that says half of it': {
    fault: () => slotOf({ hidden_size: undefined }),
    code: 'server-answer',
    message: /v1\/slot .*hidden_size/,
    hint: /vLLM/,
  },
  'fewer states than there are tokens': {
    fault: () => (asked) => (isHidden(asked) ? (response) => void response.end('four') : undefined),
    code: 'server-answer',
    message: /4 bytes, not 64/,
    hint: /vLLM/,
  },
  'states that are no numbers': {
    fault: () => (asked) =>
      isHidden(asked) ? (response) => void response.end(Buffer.alloc(4 * model.d, 255)) : undefined,
    code: 'server-not-finite',
    message: /no finite numbers/,
    hint: /float32/,
  },
  'another hidden size': {
    fault: () => (asked) =>
      isHidden(asked)
        ? (response) => void response.end(Buffer.alloc(4 * 8))
        : slotOf({ hidden_size: 8 })(asked),
    code: 'server-head',
    message: /have 8 numbers, not the 16/,
    hint: /--head/,
  },
  'another vocabulary': {
    fault: () => slotOf({ vocab_size: 7 }),
    code: 'server-head',
    message: /knows 7 tokens/,
    hint: /--head/,
  },
  'another head': {
    fault:
      () =>
      ({ body }) =>
        body.logprobs
          ? ok({ choices: [{ logprobs: { top_logprobs: [{ 'token_id:5': -0.001 }] } }] })
          : undefined,
    code: 'server-head',
    message: /first distribution is another/,
    hint: /--head/,
  },
};

describe('opening says what is wrong and what to do', () => {
  it.each(Object.entries(CASES))('%s', async (_name, { fault, code, message, hint }) => {
    fake = await FakeVllm.start(model);
    fake.fault = fault();
    await expect(open(fake.address)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
    // Nothing of what was wrong is kept.
    fake.fault = () => undefined;
    expect((await open(fake.address)).server?.engine).toBe('vLLM');
  });
});

describe('a run', () => {
  it('asks with delta, by the seed and the temperature of the run, and with no default of the model’s own', async () => {
    fake = await FakeVllm.start(model);
    let sent: unknown[] = [];
    fake.fault = ({ raw, body }) => {
      if (body.stream) sent.push(raw);
      return undefined;
    };
    const generation = { maxNewTokens: 4, temperature: 0.7, topP: 0.9, seed: 5, ignoreEos: true };
    const events = await runEvents(engine, ask(fake.address, { generation }));
    const drawn = {
      temperature: 0.7,
      top_p: 0.9,
      seed: 5,
      max_tokens: 4,
      top_k: 0,
      min_p: 0,
      repetition_penalty: 1,
    };
    expect(sent).toEqual([expect.objectContaining(drawn), expect.objectContaining(drawn)]);
    expect(sent.map((body) => Object.keys(body as object).includes('vllm_xargs')).sort()).toEqual([
      false,
      true,
    ]);
    const delta = floatsOf(fake.asked.find(isSlot)!.body.vllm_xargs!.slot_delta!);
    expect(Math.hypot(...delta)).toBeCloseTo(one(events, 'slot.done').deltaNorm, 4);
    sent = [];
    await runEvents(engine, ask(fake.address));
    expect(sent).toEqual([
      expect.objectContaining({ temperature: 0, top_p: 1 }),
      expect.objectContaining({ temperature: 0, top_p: 1 }),
    ]);
  });

  it('keeps the other lane where the server refuses one in its stream', async () => {
    fake = await FakeVllm.start(model);
    fake.fault = (asked) => (isSlot(asked) ? recorded('the same, streamed') : undefined);
    const events = await runEvents(engine, ask(fake.address));
    expect(one(events, 'lane.failed')).toMatchObject({
      lane: 'slot',
      code: 'server-refused',
      message: expect.stringContaining('slot_delta has 1 numbers'),
    });
    expect(answerOf(events, 'baseline')).toHaveLength(8);
  });

  it.each([
    ['a long prompt', 'prompt-too-long', /context length is 128/],
    ['too long', 'prompt-too-long', /max_model_len/],
    ['another model', 'server-unknown', /The model `other` does not exist/],
  ])('tells why the server refuses %s', async (name, code, message) => {
    fake = await FakeVllm.start(model);
    fake.fault = (asked) => (isSlot(asked) ? recorded(name) : undefined);
    const failed = one(await runEvents(engine, ask(fake.address)), 'lane.failed');
    expect(failed).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it.each([
    ['ends without an end', part('a', 40), 'server-cut'],
    ['is no JSON', 'data: {"choices": \n\n', 'server-answer'],
    ['has ids that are none', `${part('a', 4e9)}data: [DONE]\n\n`, 'server-answer'],
  ])('says so where a stream %s', async (_name, sent, code) => {
    fake = await FakeVllm.start(model);
    fake.fault = ({ body }) => (body.stream ? (response) => void response.end(sent) : undefined);
    const events = await runEvents(engine, ask(fake.address));
    expect(only(events, 'lane.failed').map((failed) => failed.code)).toEqual([code, code]);
  });

  it('asks again where states were dropped before they were fetched, and where the server is busy', async () => {
    fake = await FakeVllm.start(model);
    await open(fake.address);
    const faults = [recorded('states that are gone'), error(429, 'slow down', { 'retry-after': '0' })];
    fake.fault = (asked) => (isHidden(asked) ? faults.shift() : undefined);
    const events = await runEvents(engine, ask(fake.address));
    expect(faults).toEqual([]);
    expect(answerOf(events, 'slot')).toHaveLength(8);
  });

  it('that is cancelled closes what the server is writing', async () => {
    fake = await FakeVllm.start(model);
    fake.fault = ({ body }) => (body.stream ? (response) => void response.write(part('a', 40)) : undefined);
    const events = await runEvents(engine, ask(fake.address), (told, runId) => {
      if (told.type === 'lane.draft' && told.lane === 'slot') engine.cancel(runId);
    });
    expect(events.at(-1)).toMatchObject({ type: 'run.cancelled' });
    await expect.poll(() => fake.closed).toBe(2);
  });

  it('keeps what a lane that is stopped has written, with both distributions', async () => {
    fake = await FakeVllm.start(model);
    fake.fault = (asked) => (isSlot(asked) ? (response) => void response.write(part('a', 40)) : undefined);
    const events = await runEvents(engine, ask(fake.address), (told, runId) => {
      if (told.type === 'lane.draft' && told.lane === 'slot') engine.stopLane(runId, 'slot');
    });
    expect(one(events, 'lane.done', 'slot')).toMatchObject({ reason: 'cancelled', ids: [40] });
    expect(one(events, 'lane.done', 'baseline').reason).toBe('length');
  });

  it('refuses a server that runs another model by now', async () => {
    fake = await FakeVllm.start(model);
    await open(fake.address);
    fake.fault = at('/v1/models', ok({ data: [{ id: 'new', owned_by: 'vllm' }] }));
    const events = await runEvents(engine, ask(fake.address));
    expect(events.at(-1)).toMatchObject({ type: 'run.failed', code: 'server-changed' });
  });
});
