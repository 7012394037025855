/** The control of the engine over a transport whose other end is the test. */

import { expect, vi } from 'vitest';
import type { RunEvent } from '../../../../engine/protocol';
import { createEngineClient } from '../../../../renderer/engine/engine-client';
import { createEngineControl } from '../../../../renderer/state/engine-control';
import { createAppStore } from '../../../../renderer/state/store';
import { FakeTransport } from '../../fake-transport';
import { MODEL } from '../../models-examples';
import { RUN_ID } from '../../run-events';

export function start(restartEngine = () => Promise.resolve()) {
  const transport = new FakeTransport();
  let time = 0;
  const store = createAppStore({ prompt: 'Two and two?' });
  const control = createEngineControl(createEngineClient(transport), store, {
    restartEngine,
    newRunId: () => RUN_ID,
    // Events are handed over at once: at the next frame, after a long rest.
    now: () => (time += 1000),
    schedule: (callback) => {
      queueMicrotask(callback);
      return () => {};
    },
  });
  const send = async (...events: RunEvent[]) => {
    for (const event of events) transport.receive({ kind: 'event', runId: RUN_ID, event });
    await Promise.resolve();
  };
  const methods = () => transport.sent.map((request) => request.method);
  return { transport, store, control, send, methods };
}

export async function started(restartEngine?: () => Promise<void>) {
  const all = start(restartEngine);
  all.transport.open();
  all.transport.answer(MODEL);
  await vi.waitFor(() => expect(all.store.getState().model.state).toBe('open'));
  void all.control.run();
  all.transport.answer({});
  return all;
}
