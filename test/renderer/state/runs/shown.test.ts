/** A stored run in the window: shown, left, its settings taken up, its files and delta asked for. */
import { describe, expect, it, vi } from 'vitest';
import { EMPTY_RUN, requestedRun } from '../../../../renderer/run/run-view';
import { ownRun, showing, shownRun } from '../../../../renderer/state/shown-run';
import { COMPLETE_RUN, CONFIG, RUN_ID } from '../../run-events';
import { reopened, SUMMARY, start } from './stored-runs';

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
