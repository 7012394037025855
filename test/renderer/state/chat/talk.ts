/** A conversation over a transport whose other end is the test. */

import { vi } from 'vitest';
import { type RunConfig, type RunEvent, SCHEMA_VERSION } from '../../../../engine/protocol';
import { createEngineClient } from '../../../../renderer/engine/engine-client';
import { createChat } from '../../../../renderer/state/chat';
import { createEngineControl } from '../../../../renderer/state/engine-control';
import { createAppStore } from '../../../../renderer/state/store';
import { FakeTransport } from '../../fake-transport';
import { laneDone, slotStep, token } from '../../run-events';

export function start() {
  const transport = new FakeTransport();
  const store = createAppStore({ prompt: 'One?', system: 'Be brief.' });
  let runs = 0;
  let time = 0;
  const control = createEngineControl(createEngineClient(transport), store, {
    restartEngine: () => Promise.resolve(),
    newRunId: () => `run-${++runs}`,
    now: () => (time += 1000),
    schedule: (callback) => {
      queueMicrotask(callback);
      return () => {};
    },
  });
  const read = vi.fn(() => Promise.reject(new Error('not on disk')));
  const chat = createChat(store, control, read);
  const lastRun = () => {
    const request = transport.sent.findLast(({ method }) => method === 'run.start');
    return request?.params as { runId: string; config: RunConfig };
  };
  /** Plays the asked run to its end: every lane writes its own name. */
  const answerAll = async (words: (lane: string) => [number, string][] = (lane) => [[lane.length, lane]]) => {
    const { runId, config } = lastRun();
    const events: RunEvent[] = [
      {
        type: 'run.started',
        v: SCHEMA_VERSION,
        runId,
        at: '2025-06-01T12:00:00.000Z',
        model: { id: 'starter', dtype: 'fp32', projection: 'Gemm', vocab: 100, hidden: 8 },
        config,
        prompt: { text: '', ids: [1], tokens: ['x'] },
      },
      ...config.lanes.filter(({ steps }) => steps > 0).map(({ name }) => slotStep(0, 3, name)),
      ...config.lanes.flatMap(({ name }) => words(name).map(([id, text], i) => token(name, i, id, text))),
      ...config.lanes.map(({ name }) =>
        laneDone(
          name,
          words(name)
            .map(([, text]) => text)
            .join(''),
          words(name).map(([id]) => id),
        ),
      ),
      { type: 'run.done', ms: { load: 0, prefill: 1, slot: 1, decode: 1 } },
    ];
    for (const event of events) transport.receive({ kind: 'event', runId, event });
    await Promise.resolve();
  };
  return { transport, store, control, chat, lastRun, answerAll, read };
}

export async function asked() {
  const all = start();
  void all.control.run();
  await all.answerAll();
  return all;
}

export async function twoTurns() {
  const all = await asked();
  all.store.setState({ followUp: 'Two?' });
  void all.chat.send();
  await all.answerAll();
  return all;
}

export const contents = ({ prompt }: { prompt?: RunConfig['prompt'] | undefined }) =>
  prompt?.kind === 'chat' ? prompt.messages.map(({ content }) => content) : null;
