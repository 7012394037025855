/** Evaluations over a transport whose other end is the test. */
import { vi } from 'vitest';
import { EvaluationConfig, type JobInfo } from '../../../../engine/protocol';
import { createEngineClient } from '../../../../renderer/engine/engine-client';
import type { AppState } from '../../../../renderer/state/app-state';
import { createEvaluations } from '../../../../renderer/state/evaluations';
import { createAppStore } from '../../../../renderer/state/store';
import { createToasts } from '../../../../renderer/state/toasts';
import { FakeTransport } from '../../fake-transport';

export const config = EvaluationConfig.parse({
  dataset: { kind: 'named', name: 'starter' },
  form: { kind: 'preset', name: 'starter' },
  lanes: [
    { name: 'baseline', steps: 0 },
    { name: 'slot', steps: 5 },
  ],
  graders: [{ name: 'number' }],
});
export const job = (part: Partial<JobInfo> = {}): JobInfo => ({
  jobId: 'job-1',
  title: 'Mine',
  createdAt: '2026-01-01T00:00:00.000Z',
  config,
  state: 'running',
  error: null,
  done: 3,
  total: 10,
  secondsLeft: null,
  activity: null,
  notices: [],
  ...part,
});

export const READY = { state: 'ready', detail: '', silentSince: null } as const;

export function start(part: Partial<AppState> = {}) {
  const transport = new FakeTransport();
  const store = createAppStore({ ...part, jobs: [job()], prompt: 'Mine', system: 'Be kind.' });
  const control = {
    start: vi.fn(async (_: unknown, change: (runId: string) => object) => store.setState(change('run-1'))),
    cancel: vi.fn(async () => {}),
    openModel: vi.fn(async () => {}),
  };
  const evaluations = createEvaluations(createEngineClient(transport), store, control, createToasts(store));
  const settle = () => new Promise((resolve) => setTimeout(resolve));
  const answer = async (result: unknown) => {
    transport.answer(result);
    await settle();
  };
  const tell = (event: unknown) => transport.receive({ kind: 'evaluation', event });
  return { transport, store, control, evaluations, answer, tell, last: () => transport.sent.at(-1) };
}
