/** What a server can do wrong gets one line with the way out, and costs no more than what it was asked for. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../engine/api/engine';
import { ModelSettings } from '../../engine/protocol';
import { temporaryFolder } from '../../fixtures/runs';
import { testEngine } from '../../fixtures/test-engine';
import { at, error, FakeLlama, type FakeModel, type Fault, ok, type Reply } from './fake';
import { writeServed } from './served';

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

/** A server that knows this one path. */
const knows =
  (where: string, body: unknown): Fault =>
  (asked) =>
    asked.path === where ? ok(body) : error(404, 'not found');

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
