/** What the user does to a conversation, down to the messages. */

import { describe, expect, it, vi } from 'vitest';
import { EMPTY_RUN } from '../../../../renderer/run/run-view';
import { shownRun } from '../../../../renderer/state/shown-run';
import { asked, contents, start, twoTurns } from './talk';

describe('a follow-up', () => {
  it('goes to every lane with its own history', async () => {
    const { store, lastRun } = await twoTurns();
    const { config } = lastRun();
    expect(contents(config)).toEqual(['Be brief.', 'One?', 'baseline', 'Two?']);
    expect(config.lanes.map(contents)).toEqual([null, ['Be brief.', 'One?', 'slot', 'Two?']]);
    const { conversation, followUp } = store.getState();
    expect(followUp).toBe('');
    expect(conversation.turns.map(({ answers }) => answers.slot?.text)).toEqual(['slot', 'slot']);
  });

  it('does nothing while a run is on or nothing is typed', async () => {
    const { store, chat, transport } = await asked();
    void chat.send();
    store.setState({ followUp: 'Two?' });
    void chat.send();
    void chat.send();
    expect(transport.sent.filter(({ method }) => method === 'run.start')).toHaveLength(2);
  });
});

describe('a new beginning', () => {
  it('brings back the turns that it drops, and says nothing where it drops none', async () => {
    const { store, control, answerAll } = await twoTurns();
    const before = store.getState().conversation;
    void control.run();
    expect(store.getState().toast?.text).toBe('Begun anew: 1 later turn dropped.');
    await answerAll();
    expect(store.getState().conversation.turns).toHaveLength(1);
    store.getState().toast?.action?.run();
    expect(store.getState().conversation).toBe(before);

    const single = await asked();
    void single.control.run();
    expect(single.store.getState().toast).toBeNull();
  });

  it('leaves the tokens of what came back, and of the charts, where they were', async () => {
    const { store, control, answerAll } = await twoTurns();
    const { shown, runViews } = store.getState();
    const run = shownRun(store.getState());
    expect(run.lanes.map(({ tokens }) => tokens.length)).toEqual([1, 1]);
    void control.run();
    await answerAll((lane) => [
      [1, lane],
      [2, '!'],
    ]);
    expect(shownRun(store.getState()).runId).toBe('run-3');
    store.getState().toast?.action?.run();
    expect(store.getState()).toMatchObject({ shown, runViews });
    const { turns } = store.getState().conversation;
    const runs = turns.map(({ answers }) => answers.slot?.runId ?? '');
    expect(runs).toEqual(['run-1', 'run-2']);
    const views = runs.map((id) => store.getState().runViews[id]);
    for (const view of views) {
      expect(view?.lanes.find(({ name }) => name === 'slot')?.tokens.map(({ text }) => text)).toEqual([
        'slot',
      ]);
    }
  });

  it('is cancelled by its undo while it runs, and what it still sends changes nothing', async () => {
    const { store, control, transport, answerAll } = await twoTurns();
    const before = store.getState().conversation;
    void control.run();
    store.getState().toast?.action?.run();
    expect(transport.sent.at(-1)).toMatchObject({ method: 'run.cancel', params: { runId: 'run-3' } });
    await answerAll();
    expect(store.getState().conversation).toBe(before);
    expect(store.getState()).toMatchObject({ cancelling: false, shown: { runId: 'run-2' } });
  });
});

describe('a conversation that is left during its run', () => {
  it('comes back by undo as its run has ended since', async () => {
    const { store, control, chat, answerAll } = await twoTurns();
    void control.run();
    chat.newConversation();
    expect(shownRun(store.getState())).toBe(EMPTY_RUN);
    await answerAll();
    store.getState().toast?.action?.run();
    expect(shownRun(store.getState())).toMatchObject({ runId: 'run-3', phase: 'done' });
  });
});

describe('a turn that is asked again', () => {
  it('with another text drops what came after it, and undo brings it back', async () => {
    const { store, chat, lastRun, answerAll } = await twoTurns();
    const before = store.getState().conversation;
    void chat.resend(0, 'Uno?');
    await answerAll();
    expect(contents(lastRun().config)).toEqual(['Be brief.', 'Uno?']);
    expect(store.getState()).toMatchObject({ prompt: 'Uno?', conversation: { turns: [{ user: 'Uno?' }] } });
    expect(store.getState().toast?.text).toBe('Asked anew; 1 later turn dropped.');
    store.getState().toast?.action?.run();
    expect(store.getState().conversation).toBe(before);
    expect(store.getState().prompt).toBe('One?');
    // The tokens of what came back are still there.
    expect(store.getState().runViews).toHaveProperty('run-2');
  });

  it('without a template is its text alone', async () => {
    const { store, control, chat, lastRun, answerAll } = start();
    store.setState({ promptKind: 'raw' });
    void control.run();
    await answerAll();
    void chat.resend(0, 'Dos?');
    expect(lastRun().config.prompt).toEqual({ kind: 'raw', text: 'Dos?' });
  });

  it('in one lane leaves the others alone', async () => {
    const { store, chat, lastRun, answerAll } = await twoTurns();
    void chat.answer(1, ['slot'], 'new');
    expect(lastRun().config.lanes.map(({ name }) => name)).toEqual(['slot']);
    expect(String(lastRun().config.generation.seed)).toBe(store.getState().generation.seed);
    await answerAll();
    const answers = store.getState().conversation.turns[1]?.answers;
    expect([answers?.baseline?.runId, answers?.slot?.runId]).toEqual(['run-2', 'run-3']);
  });

  it('draws with the same seed or a new one, as it was asked', async () => {
    const { store, chat, lastRun, answerAll } = await twoTurns();
    const { generation } = store.getState();
    void chat.answer(1, null, 'same');
    expect(lastRun().config.generation.seed).toBe(Number(generation.seed));
    expect(store.getState().generation).toBe(generation);
    await answerAll();
    const draw = vi.spyOn(crypto, 'getRandomValues').mockReturnValue(Uint32Array.of(77));
    void chat.answer(1, null, 'new');
    draw.mockRestore();
    expect(lastRun().config.generation.seed).toBe(77);
  });
});

describe('a new conversation', () => {
  it('is none where nothing was said', () => {
    const { store, chat } = start();
    const before = store.getState();
    chat.newConversation();
    expect(store.getState()).toBe(before);
  });

  it('ends the run that is on, and no other', async () => {
    const { store, chat, control, transport, answerAll } = await asked();
    const cancels = () => transport.sent.filter(({ method }) => method === 'run.cancel').length;
    chat.newConversation();
    expect(cancels()).toBe(0);
    void control.run();
    store.setState({ turnEdit: { turn: 'a', text: 'b' }, selectedStep: 1 });
    chat.newConversation();
    expect(cancels()).toBe(1);
    expect(store.getState()).toMatchObject({ turnEdit: null, selectedStep: null, cancelling: false });
    await answerAll();
  });
});

describe('a turn', () => {
  it('is not asked where nothing is written, there is none, no lane answers or a field is wrong', async () => {
    const { store, chat, transport } = await twoTurns();
    const runs = () => transport.sent.filter(({ method }) => method === 'run.start').length;
    await chat.resend(0, ' ');
    await chat.resend(7, 'Uno?');
    await chat.answer(7, null, 'same');
    await chat.answer(1, ['gone'], 'same');
    store.setState({ followUp: ' ' });
    await chat.send();
    store.setState({ followUp: 'Three?', listLength: 'x' });
    await chat.send();
    await chat.resend(0, 'Uno?');
    await chat.answer(1, null, 'same');
    expect(runs()).toBe(2);
    expect(store.getState()).toMatchObject({ followUp: 'Three?', prompt: 'One?' });
  });

  it('has no next one without a template', async () => {
    const { store, chat, control, answerAll, transport } = start();
    store.setState({ promptKind: 'raw' });
    void control.run();
    await answerAll();
    store.setState({ followUp: 'Two?' });
    await chat.send();
    expect(transport.sent.filter(({ method }) => method === 'run.start')).toHaveLength(1);
  });

  it('that is asked anew says what it drops, and changes the prompt only where it is the first', async () => {
    const { store, chat, answerAll } = await twoTurns();
    void chat.resend(1, 'Dos?');
    expect(store.getState().toast?.text).toBe('Asked anew.');
    await answerAll();
    expect(store.getState()).toMatchObject({
      prompt: 'One?',
      conversation: { turns: [{}, { user: 'Dos?' }] },
    });
  });
});
