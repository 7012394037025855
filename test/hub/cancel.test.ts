/** What is asked of the hub can be given up at any moment: its requests end, and nothing is asked any more. */
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { createEngine, type Engine, STARTER_FOLDER } from '../../engine/api/engine';
import { cancelled } from '../../engine/protocol';
import { temporaryFolder } from '../../fixtures/runs';
import type { Asked, Trouble } from './contents';
import { HubServer } from './server';

const folder = temporaryFolder();
let server: HubServer;
let engine: Engine;

beforeAll(async () => {
  server = await HubServer.start({ 'some-org/starter': { folder: STARTER_FOLDER } });
  vi.stubEnv('HF_ENDPOINT', server.endpoint);
  vi.stubEnv('HF_HUB_CACHE', join(folder, 'hub'));
  engine = createEngine({ dataFolder: join(folder, 'data') });
});
afterAll(async () => {
  await engine.dispose();
  await server.stop();
});
beforeEach(() => {
  server.asked.length = 0;
});

const search = (signal: AbortSignal) => engine.query('models.search', { query: 'starter', limit: 5 }, signal);
const inspect = (signal: AbortSignal) =>
  engine.query(
    'models.inspect',
    { model: 'some-org/starter', dtype: null, revision: null, onHub: false },
    signal,
  );

/** A search asks for ONNX files, for checkpoints and for GGUF files at once; it may be given up before all are sent. */
const MOST: Readonly<Record<string, number>> = { 'a search': 3 };

/** Gives `ask` up when a request comes that `trouble` is meant for. */
async function giveUp(
  ask: (signal: AbortSignal) => Promise<unknown>,
  isMeant: (asked: Asked) => boolean,
  trouble: Trouble,
): Promise<void> {
  const stop = new AbortController();
  const met = new Promise<void>((resolve) => {
    server.trouble = (asked) => {
      if (!isMeant(asked)) return undefined;
      resolve();
      return trouble;
    };
  });
  const answer = ask(stop.signal);
  await met;
  // The client has met the trouble by then, and waits.
  await new Promise((resolve) => setTimeout(resolve, 20));
  stop.abort(cancelled());
  await expect(answer).rejects.toMatchObject({ code: 'cancelled' });
}

it.each<[string, (signal: AbortSignal) => Promise<unknown>, RegExp]>([
  ['a search', search, /^.api.models\?/],
  ['the commit', inspect, /\/revision\//],
  ['the list of files', inspect, /\/tree\/.*cursor/],
  ['a config', inspect, /config\.json$/],
  ['where the file is', inspect, /resolve.*model\.onnx$/],
  ['the bytes of the file', inspect, /model\.onnx\?signature/],
])('%s: a request that is never answered ends', async (_, ask, url) => {
  const isMeant = (asked: Asked) => url.test(asked.url);
  await giveUp(ask, isMeant, { hang: true });
  const left = () => server.asked.filter(isMeant).map((asked) => asked.left);
  await expect.poll(() => new Set(left())).toEqual(new Set([true]));
});

it.each<[string, (signal: AbortSignal) => Promise<unknown>, RegExp]>([
  ['a search', search, /^.api.models\?/],
  ['a config', inspect, /config\.json$/],
  ['the bytes of the file', inspect, /model\.onnx/],
])('%s: the wait before the next attempt ends', async (what, ask, url) => {
  const isMeant = (asked: Asked) => url.test(asked.url);
  await giveUp(ask, isMeant, { status: 429, headers: { 'retry-after': '3600' } });
  const { length } = server.asked.filter(isMeant);
  expect(length).toBeGreaterThan(0);
  expect(length).toBeLessThanOrEqual(MOST[what] ?? 1);
});

it('asks nothing for one that was given up before', async () => {
  await expect(search(AbortSignal.abort(cancelled()))).rejects.toMatchObject({ code: 'cancelled' });
  expect(server.asked).toEqual([]);
});

it('goes on with another question', async () => {
  server.trouble = () => undefined;
  expect(await inspect(new AbortController().signal)).toMatchObject({ refusal: null });
});
