/** The list of stored runs: when it is read, what is found in it, and what is deleted and brought back. */
import { describe, expect, it } from 'vitest';
import { requestedRun } from '../../../../renderer/run/run-view';
import { filterRuns, readTags, tagsOf } from '../../../../renderer/runs/filter-runs';
import { ownRun, showing } from '../../../../renderer/state/shown-run';
import { CONFIG, RUN_ID } from '../../run-events';
import { SUMMARY, start } from './stored-runs';

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
