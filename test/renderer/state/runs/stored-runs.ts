/** The stored runs as the window handles them, over a transport whose other end is the test. */
import type { RunSummary } from '../../../../engine/protocol';
import { createEngineClient } from '../../../../renderer/engine/engine-client';
import { createRuns } from '../../../../renderer/state/runs';
import { createAppStore } from '../../../../renderer/state/store';
import { createToasts } from '../../../../renderer/state/toasts';
import { FakeTransport } from '../../fake-transport';
import { COMPLETE_RUN, RUN_ID } from '../../run-events';

export const SUMMARY: RunSummary = {
  runId: RUN_ID,
  at: '2025-06-01T12:00:00.000Z',
  model: 'starter',
  prompt: 'Two and two?',
  lanes: [
    { name: 'baseline', preset: 'transformers', steps: 0, lr: 0.1, origin: 'own' },
    { name: 'slot', preset: 'vllm', steps: 2, lr: 0.1, origin: 'own' },
  ],
  outcome: 'done',
  damage: null,
  tokens: 5,
  tags: ['sums'],
  note: 'Good one.',
};

export function start() {
  const transport = new FakeTransport();
  const store = createAppStore({ prompt: 'Mine' });
  const runs = createRuns(createEngineClient(transport), store, createToasts(store));
  const answer = async (result: unknown) => {
    transport.answer(result);
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { transport, store, runs, answer, last: () => transport.sent.at(-1) };
}

export async function reopened() {
  const all = start();
  const open = all.runs.reopen(RUN_ID);
  await all.answer({ summary: SUMMARY, events: COMPLETE_RUN });
  await open;
  return all;
}
