/** SLOT over llama.cpp's own server, on files of its own converter: the figures are PyTorch's. */
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../engine/api/engine';
import { ModelSettings, type RunConfigInput } from '../../engine/protocol';
import { HAS_LLAMA, Llama, NO_LLAMA } from '../../fixtures/llama-server';
import { one, only, relativeDifference, temporaryFolder } from '../../fixtures/runs';
import { runEvents, testEngine } from '../../fixtures/test-engine';
import { figures, readFamily } from '../checkpoint/families';
import { CONVERTED, writeConverted } from '../checkpoint/gguf/converted';

if (!HAS_LLAMA) console.warn(`skipped: tests on llama.cpp's server, since ${NO_LLAMA}`);

const folder = temporaryFolder();
const engine = testEngine(join(folder, 'data'));
const started: Llama[] = [];
afterAll(() => Promise.all(started.map((llama) => llama.kill())));

async function serve(name: string, options: Parameters<typeof Llama.start>[1] = {}) {
  const file = join(folder, `${name}-F32.gguf`);
  writeConverted(file, name);
  const llama = await Llama.start(file, options);
  started.push(llama);
  return { file, llama, server: llama.address };
}

function greet(file: string, server: string, more: Partial<RunConfigInput> = {}): RunConfigInput {
  return {
    model: { folder: file, server },
    prompt: { kind: 'raw', text: 'Tom has 3 apples.' },
    lanes: [
      { name: 'baseline', steps: 0 },
      { name: 'slot', steps: 3, lr: 0.1 },
    ],
    generation: { maxNewTokens: 12, ignoreEos: true },
    ...more,
  };
}

describe.skipIf(!HAS_LLAMA)('a model on llama.cpp’s server', () => {
  // A scaled head, a tail of its own, and plain ones.
  it.each(['llama', 'qwen2', 'granite', 'cohere'])(
    '%s has PyTorch’s figures, and the answers',
    async (name) => {
      const { file, llama, server } = await serve(name);
      const family = readFamily(name);
      const trace = family.traces.short!;
      const isSame = isDeepStrictEqual(CONVERTED[name]!.config, family.config);
      const found = await figures(engine, file, 'short', isSame ? trace.baseline.length : 1, 'F32', server);
      expect(found.ids).toEqual(trace.ids);
      expect(relativeDifference(found.losses, CONVERTED[name]!.losses)).toBeLessThan(1e-4);
      if (isSame) {
        expect(found.baseline).toEqual(trace.baseline);
        expect(found.slot).toEqual(trace.slot);
      }
      await llama.kill();
    },
  );

  it('refuses a head that caps its logits, whose shift no bias can be', async () => {
    const { file, llama, server } = await serve('gemma2');
    const open = engine.query('model.open', ModelSettings.parse({ folder: file, server }));
    await expect(open).rejects.toMatchObject({ code: 'server-soft-cap' });
    await llama.kill();
  });

  it('draws samples of each lane, with both distributions of each token', async () => {
    const { file, llama, server } = await serve('llama', { n_parallel: 2 });
    const generation = { maxNewTokens: 5, ignoreEos: true, temperature: 0.9, seed: 2 };
    const events = await runEvents(engine, greet(file, server, { samples: 3, generation }));
    const ended = only(events, 'sample.done').map(({ lane, sample, tokens }) => [lane, sample, tokens]);
    expect(ended.sort()).toEqual(
      ['baseline', 'slot'].flatMap((lane) => [0, 1, 2].map((sample) => [lane, sample, 5])),
    );
    const tokens = only(events, 'sample.token');
    expect(tokens).toHaveLength(20);
    for (const { lane, logprob, baseLogprob } of tokens)
      expect(logprob === baseLogprob).toBe(lane === 'baseline');
    await llama.kill();
  });

  it('says what it is, what it can do and how far it is from the weights', async () => {
    const { file, llama, server } = await serve('llama', { n_ctx: 512, n_parallel: 2, n_ubatch: 64 });
    const { server: use } = await engine.query('model.open', ModelSettings.parse({ folder: file, server }));
    expect(use).toMatchObject({
      engine: 'llama.cpp',
      contextLength: 256,
      longestRead: 64,
      slots: 2,
      address: server,
    });
    expect(use!.difference.hidden).toBeLessThan(1e-4);
    expect(use!.difference.head).toBeLessThan(1e-2);
    expect(use!.message).toContain('its hidden states by');
    await llama.kill();
  });

  it('names the flag that is missing', async () => {
    const { file, llama, server } = await serve('llama', { embedding: false });
    const open = engine.query('model.open', ModelSettings.parse({ folder: file, server }));
    await expect(open).rejects.toMatchObject({
      code: 'server-embeddings',
      hint: expect.stringContaining('--embeddings'),
    });
    await llama.kill();
  });

  it('refuses a head of another model', async () => {
    const { llama, server } = await serve('llama');
    const other = join(folder, 'qwen3-F32.gguf');
    writeConverted(other, 'qwen3');
    const open = engine.query('model.open', ModelSettings.parse({ folder: other, server }));
    await expect(open).rejects.toMatchObject({ code: 'server-head' });
    await llama.kill();
  });
});

describe.skipIf(!HAS_LLAMA)('one server', () => {
  let file: string;
  let llama: Llama;
  beforeAll(async () => {
    ({ file, llama } = await serve('llama', { n_ubatch: 48 }));
  });

  it('answers as the same weights do here, both distributions of every token', async () => {
    const here = await runEvents(engine, { ...greet(file, llama.address), model: { folder: file } });
    const there = await runEvents(engine, greet(file, llama.address));
    const tokens = (events: typeof here) =>
      only(events, 'token')
        .sort((a, b) => a.lane.localeCompare(b.lane) || a.index - b.index)
        .map(({ lane, index, id, text, rank, baseRank }) => ({ lane, index, id, text, rank, baseRank }));
    expect(tokens(there)).toEqual(tokens(here));
    const numbers = (events: typeof here) => only(events, 'token').filter(({ lane }) => lane === 'slot');
    for (const key of ['logprob', 'baseLogprob', 'entropy', 'kl'] as const)
      for (const [i, token] of numbers(there).entries())
        expect(token[key]).toBeCloseTo(numbers(here)[i]![key], 3);
    expect(one(there, 'notice').code).toBe('server');
  });

  it('draws the same with the same seed, and otherwise with another', async () => {
    const drawn = async (seed: number) =>
      one(
        await runEvents(
          engine,
          greet(file, llama.address, { generation: { maxNewTokens: 16, temperature: 1, topP: 0.9, seed } }),
        ),
        'lane.done',
        'slot',
      ).ids;
    const [first, again, other] = [await drawn(1), await drawn(1), await drawn(2)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('continues an answer that is given', async () => {
    const lanes = [{ name: 'baseline', steps: 0, forcedPrefix: [5, 6, 7] }];
    const there = await runEvents(engine, greet(file, llama.address, { lanes }));
    const here = await runEvents(engine, {
      ...greet(file, llama.address, { lanes }),
      model: { folder: file },
    });
    expect(one(there, 'lane.done').ids).toEqual(one(here, 'lane.done').ids);
    expect(only(there, 'token').map(({ forced }) => forced ?? false)).toEqual(
      only(here, 'token').map(({ forced }) => forced ?? false),
    );
  });

  it('ends an answer where the server could not read it again, and says so', async () => {
    const events = await runEvents(
      engine,
      greet(file, llama.address, { generation: { maxNewTokens: 500, ignoreEos: true } }),
    );
    const { ids, reason } = one(events, 'lane.done', 'baseline');
    expect(reason).toBe('length');
    expect(one(events, 'run.started').prompt.ids.length + ids.length).toBe(49);
    expect(only(events, 'notice').some(({ message }) => message.includes('--ubatch-size'))).toBe(true);
  });

  it('refuses a prompt that it cannot read in one piece', async () => {
    const prompt = { kind: 'raw', text: 'word '.repeat(60) } as const;
    const events = await runEvents(engine, { ...greet(file, llama.address), prompt });
    expect(events.at(-1)).toMatchObject({ type: 'run.failed', code: 'prompt-too-long' });
  });

  it('is told at once when a run is cancelled, and serves the next', async () => {
    const long = greet(file, llama.address, { generation: { maxNewTokens: 30, ignoreEos: true } });
    const events = await runEvents(engine, long, (event, runId) => {
      if (event.type === 'lane.draft') engine.cancel(runId);
    });
    expect(events.at(-1)).toMatchObject({ type: 'run.cancelled' });
    expect((await runEvents(engine, greet(file, llama.address))).at(-1)).toMatchObject({ type: 'run.done' });
  });
});

it.skipIf(!HAS_LLAMA)('a key goes with every request, and a wrong one is told', async () => {
  const { file, server } = await serve('llama', { key: 'secret-1' });
  const open = (key?: string) => {
    if (key === undefined) delete process.env.SLOT_STUDIO_SERVER_KEY;
    else process.env.SLOT_STUDIO_SERVER_KEY = key;
    const keyed = createEngine({ dataFolder: join(folder, 'data'), server });
    return keyed
      .query('model.open', ModelSettings.parse({ folder: file, server }))
      .finally(() => keyed.dispose());
  };
  await expect(open()).rejects.toMatchObject({
    code: 'server-key',
    message: expect.stringContaining('asks for a key'),
  });
  await expect(open('wrong')).rejects.toMatchObject({
    code: 'server-key',
    message: expect.stringContaining('does not accept'),
  });
  expect((await open('secret-1')).server?.address).toBe(server);
  delete process.env.SLOT_STUDIO_SERVER_KEY;
});
