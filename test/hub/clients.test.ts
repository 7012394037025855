/** A download in the engine's own process is told to every window, whoever started it. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { engineEntry } from '../../engine/process/launch';
import type { ServerMessage } from '../../engine/protocol';
import type { WindowServer } from '../../engine/serve/server';
import { STARTER_FOLDER } from '../../fixtures/decoder';
import { temporaryFolder } from '../../fixtures/runs';
import { open, testServer } from '../serve/support';
import { HubServer } from './server';

const folder = temporaryFolder();
const ID = 'some-org/starter';
let hub: HubServer;
let server: WindowServer;

beforeAll(async () => {
  hub = await HubServer.start({ [ID]: { folder: STARTER_FOLDER } });
  vi.stubEnv('HF_ENDPOINT', hub.endpoint);
  vi.stubEnv('HF_HOME', join(folder, 'home'));
  vi.stubEnv('HF_TOKEN', 'hf_secret');
  vi.stubEnv('SLOT_STUDIO_DATA', join(folder, 'data'));
  server = await testServer({ engine: { entry: engineEntry() } });
});
afterAll(async () => {
  await server.close();
  await hub.stop();
});

it('over WebSockets, without the token', async () => {
  const [one, two] = [await open(server), await open(server)];
  one.say({ kind: 'request', id: 1, method: 'models.pull', params: { id: ID } });
  expect(await one.inbox.answer(1)).toMatchObject({ ok: true, result: { id: ID, state: 'downloading' } });
  const isDone = (message: ServerMessage) => message.kind === 'pull' && message.pull.state === 'done';
  const ends = await Promise.all([one, two].map(({ inbox }) => inbox.until(isDone)));
  expect(ends[1]).toEqual(ends[0]);
  expect(hub.asked.some(({ authorization }) => authorization === 'Bearer hf_secret')).toBe(true);
  two.say({ kind: 'request', id: 2, method: 'models.list', params: {} });
  expect(await two.inbox.answer(2)).toMatchObject({
    result: { models: [{ name: 'starter' }, { name: ID, source: 'cache' }], hub: { hasToken: true } },
  });
  expect(JSON.stringify([one.inbox.messages, two.inbox.messages])).not.toContain('hf_secret');
});
