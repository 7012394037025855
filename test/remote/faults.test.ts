/** What a server can do wrong gets one line with the way out, and costs no more than what it was asked for. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../engine/api/engine';
import { ModelSettings, type RunConfigInput } from '../../engine/protocol';
import { answerOf, one, only, runEvents, temporaryFolder, testEngine } from '../../fixtures/runs';
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

/** A server that knows this one path. */
const knows =
  (where: string, body: unknown): Fault =>
  (asked) =>
    asked.path === where ? ok(body) : error(404, 'not found');

/** Of what is streamed, the lanes' answers. */
const streams =
  (reply: Reply): Fault =>
  ({ path: where, body }) =>
    where === '/completion' && body.stream ? reply : undefined;

const modelOf = (vocab: number, hidden: number, id = 'other') =>
  ok({ data: [{ id, meta: { n_vocab: vocab, n_embd: hidden } }] });

const certain = ok({ completion_probabilities: [{ top_logprobs: [{ id: 5, logprob: -0.001 }] }] });

/** Of as many rows as are asked for. */
const rowsOf =
  (value: number | null): Fault =>
  ({ path: where, body }) =>
    where === '/embedding' && typeof body.content === 'object' && body.content.length < 128
      ? ok([{ embedding: body.content.map(() => new Array(model.d).fill(value)) }])
      : undefined;

interface Case {
  readonly fault: () => Fault;
  readonly code: string;
  readonly message: RegExp;
  readonly hint: RegExp;
}

const elsewhere: Reply = { status: 302, body: {}, headers: { location: 'http://elsewhere.example/props' } };

const CASES: Readonly<Record<string, Case>> = {
  'a key that is asked for': {
    fault: () => at('/props', error(401, 'Invalid API Key')),
    code: 'server-key',
    message: /asks for a key/,
    hint: /SLOT_STUDIO_SERVER_KEY/,
  },
  'embeddings that are off': {
    fault: () => at('/embedding', error(501, 'This server does not support embeddings.')),
    code: 'server-embeddings',
    message: /no hidden states/,
    hint: /--embeddings --pooling none/,
  },
  'pooled embeddings': {
    fault: () => at('/embedding', ok([{ embedding: [new Array(model.d).fill(0.1)] }])),
    code: 'server-embeddings',
    message: /1 rows/,
    hint: /--pooling none/,
  },
  'a model that is loading': {
    fault: () => at('/props', error(503, 'Loading model', { 'retry-after': '0' })),
    code: 'server-loading',
    message: /not ready.*Loading model/,
    hint: /Wait/,
  },
  'trouble of its own': {
    fault: () => at('/v1/models', error(500, 'out of memory')),
    code: 'server-trouble',
    message: /failed \(500\): out of memory/,
    hint: /printed/,
  },
  'hidden states that are no numbers': {
    fault: () => rowsOf(null),
    code: 'server-not-finite',
    message: /no finite numbers/,
    hint: /float32 cache/,
  },
  'another hidden size': {
    fault: () => at('/v1/models', modelOf(300, 8)),
    code: 'server-embeddings',
    message: /of 8/,
    hint: /./,
  },
  'another vocabulary': {
    fault: () => at('/v1/models', modelOf(7, model.d)),
    code: 'server-head',
    message: /knows 7 tokens/,
    hint: /--head/,
  },
  'another head': {
    fault: () => at('/completion', certain),
    code: 'server-head',
    message: /first distribution is another/,
    hint: /--head/,
  },
  'a page in place of an answer': {
    fault: () => at('/v1/models', (response) => void response.end('<html>')),
    code: 'server-answer',
    message: /not understood/,
    hint: /llama\.cpp/,
  },
  'a redirect to another host': {
    fault: () => at('/props', elsewhere),
    code: 'server-redirects',
    message: /elsewhere\.example, which is not followed/,
    hint: /trust/,
  },
  Ollama: {
    fault: () => knows('/api/version', { version: '0.9.0' }),
    code: 'server-ollama',
    message: /is Ollama/,
    hint: /llama-server -m/,
  },
  'LM Studio': {
    fault: () => knows('/api/v0/models', { data: [] }),
    code: 'server-lm-studio',
    message: /is LM Studio/,
    hint: /llama-server -m/,
  },
  'a plain server': {
    fault: () => knows('/v1/models', { data: [{ id: 'x' }] }),
    code: 'server-plain',
    message: /OpenAI/,
    hint: /llama-server -m/,
  },
  'something else': {
    fault: () => () => error(404, 'not found'),
    code: 'server-unknown',
    message: /no inference server/,
    hint: /llama-server -m/,
  },
};

describe('opening says what is wrong and what to do', () => {
  it.each(Object.entries(CASES))('%s', async (_name, { fault, code, message, hint }) => {
    fake = await FakeLlama.start(model);
    fake.fault = fault();
    await expect(open(fake.address)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
    // The next attempt begins anew.
    fake.fault = () => undefined;
    expect((await open(fake.address)).server?.engine).toBe('llama.cpp');
  });

  it('nothing there', async () => {
    fake = await FakeLlama.start(model);
    const { address, port } = fake;
    await fake.stop();
    await expect(open(address)).rejects.toMatchObject({
      code: 'server-unreachable',
      message: expect.stringContaining(String(port)),
      hint: expect.stringContaining('Start the server there'),
    });
    fake = await FakeLlama.start(model);
  });

  it('a certificate that is not trusted, and a scheme that it does not speak', async () => {
    const pem = (name: string) =>
      readFileSync(fileURLToPath(new URL(`../hub/tls/${name}.pem`, import.meta.url)), 'utf8');
    fake = await FakeLlama.start(model, { cert: pem('cert'), key: pem('key') });
    await expect(open(fake.address)).rejects.toMatchObject({
      code: 'server-untrusted',
      hint: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    });
    const plain = fake.address.replace('https', 'http');
    await expect(open(plain)).rejects.toMatchObject({ hint: expect.stringContaining('https://') });
  });

  it('an answer of more than a right one can have is not read to its end', async () => {
    fake = await FakeLlama.start(model);
    let sent = 0;
    const chunk = Buffer.alloc(2 ** 20, ' ');
    fake.fault = at('/v1/models', (response) => {
      const more = (): void => {
        while (!response.destroyed && sent < 2 ** 30) {
          sent += chunk.length;
          if (response.write(chunk)) continue;
          response.once('drain', more);
          return;
        }
      };
      more();
    });
    await expect(open(fake.address)).rejects.toMatchObject({
      code: 'server-answer',
      message: expect.stringContaining('longer'),
    });
    expect(sent).toBeLessThan(2 ** 26);
  });
});

it('a key goes to its own address alone, and a redirect gets none', async () => {
  fake = await FakeLlama.start(model);
  const other = await FakeLlama.start(model);
  const third = await FakeLlama.start(model);
  process.env.SLOT_STUDIO_SERVER_KEY = 'secret';
  process.env.SLOT_STUDIO_BASELINE_KEY = 'another';
  const keyed = createEngine({
    dataFolder: join(folder, 'data'),
    server: fake.address,
    baselineServer: third.address,
  });
  const openKeyed = (server: string) =>
    keyed.query('model.open', ModelSettings.parse({ folder: path, server }));
  try {
    await openKeyed(fake.address);
    expect(fake.asked.every(({ authorization }) => authorization === 'Bearer secret')).toBe(true);
    await openKeyed(third.address);
    expect(third.asked.every(({ authorization }) => authorization === 'Bearer another')).toBe(true);
    await openKeyed(other.address);
    expect(other.asked.every(({ authorization }) => authorization === undefined)).toBe(true);
    const before = other.asked.length;
    fake.fault = () => ({ status: 307, body: {}, headers: { location: `${other.address}/props` } });
    await expect(openKeyed(fake.address)).rejects.toMatchObject({ code: 'server-redirects' });
    expect(other.asked).toHaveLength(before);
  } finally {
    delete process.env.SLOT_STUDIO_SERVER_KEY;
    delete process.env.SLOT_STUDIO_BASELINE_KEY;
    await keyed.dispose();
    await other.stop();
    await third.stop();
  }
});

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
    fake.fault = at('/v1/models', modelOf(model.vocab, model.d, 'new'));
    const events = await runEvents(engine, ask(fake.address));
    expect(events.at(-1)).toMatchObject({ type: 'run.failed', code: 'server-changed' });
  });
});
