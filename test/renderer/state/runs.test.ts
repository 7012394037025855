/** The stored runs as the window handles them, over a transport whose other end is the test. */

import { describe, expect, it, vi } from 'vitest';
import { MAX_IMPORT_BYTES, type RunSummary } from '../../../engine/protocol';
import { createEngineClient } from '../../../renderer/engine/engine-client';
import { EMPTY_RUN, requestedRun } from '../../../renderer/run/run-view';
import { filterRuns, readTags, tagsOf } from '../../../renderer/runs/filter-runs';
import { importAll } from '../../../renderer/runs/import-all';
import { createRuns } from '../../../renderer/state/runs';
import { ownRun, showing, shownRun } from '../../../renderer/state/shown-run';
import { createAppStore } from '../../../renderer/state/store';
import { createToasts } from '../../../renderer/state/toasts';
import { FakeTransport } from '../fake-transport';
import { COMPLETE_RUN, CONFIG, RUN_ID } from '../run-events';

const SUMMARY: RunSummary = {
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

function start() {
  const transport = new FakeTransport();
  const store = createAppStore({ prompt: 'Mine' });
  const runs = createRuns(createEngineClient(transport), store, createToasts(store));
  const answer = async (result: unknown) => {
    transport.answer(result);
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { transport, store, runs, answer, last: () => transport.sent.at(-1) };
}

async function reopened() {
  const all = start();
  const open = all.runs.reopen(RUN_ID);
  await all.answer({ summary: SUMMARY, events: COMPLETE_RUN });
  await open;
  return all;
}

describe('a stored run', () => {
  it('goes through the same reducer as a live one, and leaves as it came', async () => {
    const { store, runs } = await reopened();
    expect(store.getState()).toMatchObject({ shown: { kind: 'stored', summary: SUMMARY }, dialog: null });
    expect(shownRun(store.getState())).toMatchObject({
      phase: 'done',
      runId: RUN_ID,
      lanes: [{ tokens: { length: 2 } }, { tokens: { length: 3 } }],
    });
    runs.leave();
    expect(store.getState().shown.kind).toBe('own');
    expect(shownRun(store.getState())).toBe(EMPTY_RUN);
  });

  it('does not take the place of a run that is on', async () => {
    const { store, runs, answer } = start();
    const live = requestedRun('live', CONFIG);
    store.setState((state) => showing(ownRun('live'), state, live));
    const open = runs.reopen(RUN_ID).catch((thrown: Error) => thrown.message);
    await answer({ summary: SUMMARY, events: COMPLETE_RUN });
    expect(await open).toMatch(/a run is on/);
    expect(shownRun(store.getState()).runId).toBe('live');
  });

  it('leads back to the live run, even from a second stored one', async () => {
    const { store, runs, answer } = await reopened();
    const open = runs.reopen('run-2');
    const events = COMPLETE_RUN.map((event) =>
      event.type === 'run.started' ? { ...event, runId: 'run-2' } : event,
    );
    await answer({ summary: { ...SUMMARY, runId: 'run-2' }, events });
    await open;
    expect(shownRun(store.getState()).runId).toBe('run-2');
    runs.leave();
    expect(shownRun(store.getState())).toEqual(EMPTY_RUN);
  });

  it('is shown in the workbench from its start, whatever was looked at', async () => {
    const { store, runs, answer } = start();
    store.setState({ room: 'evaluate', selectedStep: 1, shiftLane: 'slot', dialog: 'runs' });
    const open = runs.reopen(RUN_ID);
    await answer({ summary: SUMMARY, events: COMPLETE_RUN });
    await open;
    expect(store.getState()).toMatchObject({ room: 'workbench', selectedStep: null, shiftLane: null });
    store.setState({ selectedStep: 1, shiftLane: 'slot' });
    runs.leave();
    expect(store.getState()).toMatchObject({ selectedStep: null, shiftLane: null });
    const own = store.getState();
    runs.leave();
    runs.adoptSettings();
    expect(store.getState()).toBe(own);
  });

  it('lends its prompt and settings, which can be undone', async () => {
    const { store, runs } = await reopened();
    const before = store.getState();
    runs.adoptSettings();
    expect(store.getState()).toMatchObject({ prompt: 'Two and two?', generation: { maxNewTokens: '8' } });
    expect(store.getState().modelChoice).toBe(before.modelChoice);
    store.getState().toast?.action?.run();
    expect(store.getState()).toMatchObject({ prompt: 'Mine', generation: before.generation });
  });
});

describe('of a stored run', () => {
  it('record, lines, vectors and delta come as they are', async () => {
    const { runs, answer, last } = start();
    const recorded = runs.recorded(RUN_ID);
    expect(last()).toMatchObject({ method: 'runs.read', params: { runId: RUN_ID } });
    await answer({ summary: SUMMARY, events: COMPLETE_RUN });
    expect(await recorded).toEqual({ summary: SUMMARY, events: COMPLETE_RUN });
    const lines = runs.lines(RUN_ID);
    expect(last()).toMatchObject({ method: 'runs.export', params: { runId: RUN_ID } });
    await answer({ text: 'lines' });
    expect(await lines).toBe('lines');
    const vectors = runs.vectors(RUN_ID);
    expect(last()).toMatchObject({ method: 'runs.vectors', params: { runId: RUN_ID } });
    await answer({ file: Uint8Array.of(1, 2) });
    expect(await vectors).toEqual(Uint8Array.of(1, 2));
    const source = { kind: 'run', runId: RUN_ID, lane: 'slot', step: 2 } as const;
    const given = { source, vector: { values: 'AACAPw==', sha256: 'ab'.repeat(32) } };
    const delta = runs.delta(source);
    expect(last()).toMatchObject({ method: 'delta.read', params: source });
    await answer({ given, hidden: 1, choices: [] });
    expect(await delta).toEqual(given);
    const ofFile = runs.deltaOfFile(new File([Uint8Array.of(1, 2, 3)], 'a.safetensors'));
    const params = { kind: 'file', file: 'a.safetensors', bytes: Uint8Array.of(1, 2, 3) };
    await vi.waitFor(() => expect(last()).toMatchObject({ method: 'delta.read', params }));
    await answer({ given, hidden: 1, choices: [] });
    expect(await ofFile).toMatchObject({ given, choices: [] });
    void runs.similarity(['a', 'b']);
    expect(last()).toMatchObject({
      method: 'deltas.similarity',
      params: { deltas: [{ runId: 'a' }, { runId: 'b' }] },
    });
  });
});

describe('the list', () => {
  it('says why it cannot be read, until it is', async () => {
    const { transport, store, runs, answer, last } = start();
    const reading = runs.refresh();
    const error = { kind: 'failure', code: 'no-disk', message: 'the disk is gone', hint: '' };
    transport.receive({ kind: 'response', id: last()?.id, ok: false, error });
    await reading;
    expect(store.getState()).toMatchObject({ storedRuns: null, storedRunsFailure: error });
    const again = runs.refresh();
    await answer({ runs: [SUMMARY] });
    await again;
    expect(store.getState()).toMatchObject({ storedRuns: [SUMMARY], storedRunsFailure: null });
  });

  it('is read when the engine is there and when a run has ended', async () => {
    const { transport, store } = start();
    expect(transport.sent).toEqual([]);
    store.setState({ engine: { state: 'ready', detail: '', silentSince: null } });
    expect(transport.sent).toHaveLength(1);
    const live = requestedRun('live', CONFIG);
    store.setState((state) => showing(ownRun('live'), state, live));
    expect(transport.sent).toHaveLength(1);
    store.setState({ runViews: { live: { ...live, phase: 'done' } } });
    expect(transport.sent.map(({ method }) => method)).toEqual(['runs.list', 'runs.list']);
  });

  it('deletes with a way back', async () => {
    const { store, runs, answer, last } = start();
    const deleted = runs.delete(SUMMARY);
    expect(last()).toMatchObject({ method: 'runs.delete', params: { runId: RUN_ID } });
    await answer({});
    await answer({ runs: [] });
    await deleted;
    expect(store.getState()).toMatchObject({
      storedRuns: [],
      toast: { text: expect.stringContaining('Two and two?') },
    });
    store.getState().toast?.action?.run();
    expect(last()).toMatchObject({ method: 'runs.restore', params: { runId: RUN_ID } });
    await answer({});
    await answer({ runs: [SUMMARY] });
    expect(store.getState().storedRuns).toEqual([SUMMARY]);
  });

  it('filters by every word wherever it stands, and by every tag', () => {
    const other = {
      ...SUMMARY,
      runId: 'b',
      prompt: 'Ünïcode',
      tags: [],
      note: '',
      outcome: 'failed' as const,
    };
    const runs = [SUMMARY, other];
    const found = (search: string, tags: string[] = []) => filterRuns(runs, search, tags).map((r) => r.runId);
    expect(found('')).toEqual([RUN_ID, 'b']);
    expect(found('GOOD two')).toEqual([RUN_ID]);
    expect(found('failed')).toEqual(['b']);
    expect(found('vllm 2 × 0.1')).toEqual([RUN_ID, 'b']);
    expect(found('ünïcode')).toEqual(['b']);
    expect(found('', ['sums'])).toEqual([RUN_ID]);
    expect(found('failed', ['sums'])).toEqual([]);
    expect(tagsOf(runs)).toEqual(['sums']);
  });

  it('reads tags as they are typed', () => {
    expect(readTags(' a, b b ,,a,')).toEqual(['a', 'b b']);
  });
});

describe('the list is read again', () => {
  it('as a dialog opens, and what an import was refused for is forgotten with the dialog', () => {
    const { store, transport } = start();
    const FAILURE = { kind: 'input', code: 'not-a-run', message: 'no', hint: '' } as const;
    store.setState({ importFailure: FAILURE, prompt: 'Another' });
    expect(store.getState().importFailure).toBe(FAILURE);
    store.setState({ dialog: 'runs' });
    expect(store.getState().importFailure).toBeNull();
    store.setState({ dialog: null });
    expect(transport.sent.map(({ method }) => method)).toEqual(['runs.list']);
  });

  it('not at all once they are closed', () => {
    const { store, runs, transport } = start();
    runs.close();
    store.setState({ dialog: 'runs' });
    expect(transport.sent).toEqual([]);
  });
});

describe('an import', () => {
  const vectorsFile = new File([Uint8Array.of(1, 2, 3)], 'a.safetensors');
  const file = (name: string, text: string | Buffer, size = text.length) => ({
    name,
    size,
    arrayBuffer: async () => new Uint8Array(Buffer.from(text)).buffer,
  });

  it('reads what PowerShell redirected into a file', async () => {
    const { runs, last } = start();
    void runs.import(file('ps.jsonl', Buffer.from('\ufefflines €', 'utf16le')));
    await vi.waitFor(() => expect(last()).toMatchObject({ params: { text: 'lines €' } }));
  });

  it('that is no text is refused before it is sent', async () => {
    const { store, runs, last } = start();
    await runs.import(file('latin.jsonl', Buffer.from('Größe', 'latin1')));
    expect(last()?.method).not.toBe('runs.import');
    expect(store.getState().importFailure).toMatchObject({ message: expect.stringContaining('offset 2') });
  });

  it('is listed, says where it came from and offers to open it', async () => {
    const { store, runs, answer, last } = start();
    const imported = runs.import(file('a.jsonl', 'lines'));
    await vi.waitFor(() =>
      expect(last()).toMatchObject({ method: 'runs.import', params: { text: 'lines' } }),
    );
    await answer({ runId: 'new' });
    expect(last()).toMatchObject({
      method: 'runs.label',
      params: { labels: { note: 'Imported from a.jsonl.' } },
    });
    await answer({});
    await answer({ runs: [SUMMARY] });
    await imported;
    expect(store.getState()).toMatchObject({
      dialog: 'runs',
      importFailure: null,
      toast: { text: 'Imported a.jsonl.', action: { name: 'Open' } },
    });
    store.getState().toast?.action?.run();
    expect(last()).toMatchObject({ method: 'runs.read', params: { runId: 'new' } });
    await answer({ summary: { ...SUMMARY, runId: 'new' }, events: COMPLETE_RUN });
    expect(store.getState()).toMatchObject({
      dialog: null,
      shown: { kind: 'stored', summary: { runId: 'new' } },
    });
  });

  it('of vectors brings a run its own: the one that was imported last, where the file does not say', async () => {
    const { store, runs, answer, last } = start();
    const both = importAll(runs, [vectorsFile, new File(['lines'], 'a.jsonl')]);
    await vi.waitFor(() => expect(last()).toMatchObject({ method: 'runs.import' }));
    await answer({ runId: 'new' });
    await answer({});
    await answer({ runs: [SUMMARY] });
    await vi.waitFor(() =>
      expect(last()).toMatchObject({
        method: 'runs.importVectors',
        params: { runId: 'new', file: Uint8Array.of(1, 2, 3) },
      }),
    );
    await answer({ runId: 'new' });
    await both;
    expect(store.getState()).toMatchObject({
      importFailure: null,
      toast: { text: 'Imported a.safetensors.' },
    });
  });

  it('that is refused says which file and line', async () => {
    const { transport, store, runs, last } = start();
    const imported = runs.import(file('b.jsonl', 'lines'));
    await vi.waitFor(() => expect(last()?.method).toBe('runs.import'));
    const error = { kind: 'input', code: 'not-a-run', message: 'line 7: it is not JSON', hint: 'Mend it.' };
    transport.receive({ kind: 'response', id: last()?.id, ok: false, error });
    await imported;
    expect(store.getState().importFailure).toMatchObject({
      message: 'b.jsonl, line 7: it is not JSON',
      hint: 'Mend it.',
    });
  });

  it('that is too large for the wire is refused before it is read', async () => {
    const { transport, store, runs } = start();
    await runs.import(file('huge.jsonl', '', MAX_IMPORT_BYTES + 1));
    expect(transport.sent.map(({ method }) => method)).toEqual(['runs.list']);
    expect(store.getState().importFailure?.message).toMatch(/huge\.jsonl, the file has 40 MiB/);
  });
});
