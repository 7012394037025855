/** What the desktop shell asks of the page, and what the page does about it. */
import { expect, it, vi } from 'vitest';
import { MAX_IMPORT_BYTES, type Order } from '../../../engine/protocol';
import { followOrders } from '../../../renderer/state/orders';
import { createAppStore } from '../../../renderer/state/store';
import { createToasts } from '../../../renderer/state/toasts';

function start(given: unknown[][]) {
  const store = createAppStore();
  const toasts = createToasts(store);
  const models = { addHanded: vi.fn(async () => {}) };
  const runs = { import: vi.fn(async (_file: Pick<File, 'name'>) => {}) };
  const evaluations = { import: vi.fn(async (_file: Pick<File, 'name'>) => {}) };
  let more = () => {};
  const take = vi.fn(async () => given.shift() ?? []);
  const onWaiting = (callback: () => void) => {
    more = callback;
  };
  const orders = { take, onWaiting };
  followOrders({ orders }, { store, toasts, models, runs, evaluations });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { store, models, runs, evaluations, take, settle, more: () => more() };
}

const text = (words: string) => new TextEncoder().encode(words);
const importing = (name: string, bytes: Uint8Array<ArrayBuffer>): Order => ({ kind: 'import', name, bytes });

it('takes what was given before it was there, and more when it is told', async () => {
  const { models, store, take, settle, more } = start([
    [{ kind: 'add-model', path: '/models/a.gguf' }],
    [{ kind: 'show', dialog: 'notices' }],
  ]);
  await settle();
  expect(models.addHanded).toHaveBeenCalledWith('/models/a.gguf');
  expect(store.getState().dialog).toBeNull();
  more();
  await settle();
  expect(store.getState().dialog).toBe('notices');
  expect(take).toHaveBeenCalledTimes(2);
});

it('has nothing to do where its shell gives no orders', () => {
  const { store } = start([]);
  const nobody = { import: vi.fn(async () => {}), addHanded: vi.fn(async () => {}) };
  const doers = { store, toasts: createToasts(store), models: nobody, runs: nobody, evaluations: nobody };
  followOrders({ orders: null }, doers);
  expect(store.getState().toast).toBeNull();
});

it('tells an evaluation from a run by how it begins', async () => {
  const { store, runs, evaluations, settle } = start([
    [
      importing('run.jsonl', text('{"type":"run.started"}\n')),
      importing('evaluation.jsonl', text('{"kind":"evaluation","manifest":{}}\n')),
    ],
  ]);
  await settle();
  expect(runs.import.mock.calls.map(([{ name }]) => name)).toEqual(['run.jsonl']);
  expect(evaluations.import.mock.calls.map(([{ name }]) => name)).toEqual(['evaluation.jsonl']);
  expect(store.getState().room).toBe('evaluate');
});

it('says what cannot be taken, and obeys nothing that is no order', async () => {
  const { store, runs, settle, more } = start([
    [{ kind: 'refuse', message: 'a.jsonl: there is no such file' }],
    [importing('large.jsonl', new Uint8Array(MAX_IMPORT_BYTES + 1))],
  ]);
  await settle();
  expect(store.getState().toast).toMatchObject({ kind: 'problem', text: 'a.jsonl: there is no such file' });
  more();
  await settle();
  expect(runs.import).not.toHaveBeenCalled();
});
