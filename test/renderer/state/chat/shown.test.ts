/** Which runs a conversation and its charts show. */

import { describe, expect, it } from 'vitest';
import { EMPTY_RUN } from '../../../../renderer/run/run-view';
import { shownChat } from '../../../../renderer/state/shown-chat';
import { NO_RUNS, ownRun, showing, shownRun } from '../../../../renderer/state/shown-run';
import { twoTurns } from './talk';

describe('the charts', () => {
  it('show a run of the conversation, its newest step and its first lane', async () => {
    const { store, chat } = await twoTurns();
    store.setState({ selectedStep: 0, shiftLane: 'baseline', shownPane: 'answers' });
    chat.showRun('run-1');
    expect(store.getState()).toMatchObject({ selectedStep: null, shiftLane: null, shownPane: 'charts' });
    expect(shownRun(store.getState()).runId).toBe('run-1');
  });

  it('stay where they are for the run that they show, for one that is not at hand, and while a run is on', async () => {
    const { store, chat, control } = await twoTurns();
    const before = store.getState();
    chat.showRun('run-2');
    chat.showRun('run-9');
    expect(store.getState()).toBe(before);
    void control.run();
    const running = store.getState();
    chat.showRun('run-1');
    expect(store.getState()).toBe(running);
  });
});

describe('what is shown', () => {
  it('is a stored run where one is looked at, and can be taken up', async () => {
    const { store, chat, lastRun } = await twoTurns();
    const stored = { ...shownRun(store.getState()), runId: 'stored' };
    const held = store.getState().conversation;
    store.setState((state) => showing(ownRun('stored'), state, stored));
    const { conversation, isStored } = shownChat(store.getState());
    expect(isStored).toBe(true);
    expect(conversation.turns.map(({ user }) => user)).toEqual(['One?', 'Two?']);
    void chat.send();
    expect(lastRun().runId).toBe('run-2');

    chat.takeUp();
    expect(shownChat(store.getState()).isStored).toBe(false);
    expect(store.getState()).toMatchObject({ system: 'Be brief.', prompt: 'One?' });
    store.getState().toast?.action?.run();
    expect(store.getState().conversation).toBe(held);
  });

  it('is not taken up where it is the conversation’s own, or is still being written', async () => {
    const { store, chat } = await twoTurns();
    const own = store.getState();
    chat.takeUp();
    expect(store.getState()).toBe(own);
    const unfinished = { ...shownRun(own), runId: 'stored', phase: 'writing' as const };
    store.setState((state) => showing(ownRun('stored'), state, unfinished));
    const shown = store.getState();
    chat.takeUp();
    expect(store.getState()).toBe(shown);
  });

  it('has no system prompt where the stored run had none', async () => {
    const { store, chat } = await twoTurns();
    const view = shownRun(store.getState());
    const config = {
      ...view.config!,
      prompt: { kind: 'chat', messages: [{ role: 'user', content: 'Alone?' }] },
    };
    const stored = { ...view, runId: 'stored', config: config as NonNullable<typeof view.config>, lanes: [] };
    store.setState((state) => showing(ownRun('stored'), state, stored));
    chat.takeUp();
    expect(store.getState()).toMatchObject({ system: '', prompt: 'Alone?' });
  });

  it('is read again by its runs after a reload, newest first, as far as they are there', async () => {
    const { store, chat, read } = await twoTurns();
    const view = store.getState().runViews['run-1'] ?? EMPTY_RUN;
    store.setState(NO_RUNS);
    read.mockImplementation(((runId: string) =>
      runId === 'run-1' ? Promise.resolve(view) : Promise.reject(new Error('gone'))) as typeof read);
    await chat.loadTurns();
    expect(read.mock.calls.map((call) => (call as unknown[])[0])).toEqual(['run-2', 'run-1']);
    expect(shownRun(store.getState())).toBe(view);
  });
});
