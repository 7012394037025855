/** Typed arrays through a real socket, from the engine process to the window's own client. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { decodeJson, encodeJson } from '../../engine/protocol';
import type { WindowServer } from '../../engine/serve/server';
import { createEngineClient, type EngineClient } from '../../renderer/engine/engine-client';
import { webSocketTransport } from '../../renderer/engine/websocket-transport';
import { testServer } from './support';

let server: WindowServer;
let client: EngineClient;
beforeAll(async () => {
  server = await testServer();
  const transport = webSocketTransport(
    `ws://127.0.0.1:${server.port}/engine?token=${server.token}`,
    (address) => new WebSocket(address) as unknown as globalThis.WebSocket,
  );
  client = createEngineClient(transport);
  await new Promise<void>((resolve) => {
    client.onEngineState(({ state }) => state === 'ready' && resolve());
  });
});
afterAll(async () => {
  client.close();
  await server.close();
});

it('carries floats bit for bit, and no more of a buffer than was meant', async () => {
  const { shift, meanP, baseMeanP } = await client.request('shift.read', {
    runId: 'a',
    lane: 'slot',
    step: 0,
  });
  expect(shift).toBeInstanceOf(Float32Array);
  expect([...shift]).toEqual([1.5, -0, Number.NaN, Number.NEGATIVE_INFINITY]);
  expect(meanP).toEqual(new Float32Array());
  expect(baseMeanP).toEqual(Float32Array.of(0.25));
});

it('carries bytes', async () => {
  const { file } = await client.request('runs.vectors', { runId: 'a' });
  expect(file).toEqual(Uint8Array.of(0, 127, 128, 255));
});

it('carries the answer that says nothing', async () => {
  const labels = { tags: [], note: '' };
  expect(await client.request('runs.label', { runId: 'a', labels })).toBeUndefined();
});

it('takes text that speaks of arrays for text, and arrays that are none for no message', () => {
  const message = { token: '$float32', list: ['$uint8', { $float32: 1 }] };
  expect(decodeJson(encodeJson(message))).toEqual(message);
  expect(() => decodeJson('{"$uint8":"!"}')).toThrow();
  expect(() => decodeJson('{"$float32":"AAA="}')).toThrow();
});

it('come back from a Buffer, which is one and writes itself as something else', () => {
  const message = { file: Buffer.from([0, 127, 255]), all: [Buffer.from('x')] };
  expect(decodeJson(encodeJson(message))).toEqual({
    file: Uint8Array.of(0, 127, 255),
    all: [Uint8Array.of(120)],
  });
});
