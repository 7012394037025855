/** Branches of answers, down to the messages. */

import { describe, expect, it } from 'vitest';
import { ownRun, showing, shownRun } from '../../../../renderer/state/shown-run';
import { asked, contents, twoTurns } from './talk';

describe('a branch', () => {
  const words = (): [number, string][] => [
    [5, 'a'],
    [6, 'b'],
    [7, 'c'],
  ];

  it('begins with the tokens before it and the alternative, with the same history and settings', async () => {
    const { store, chat, lastRun, answerAll } = await twoTurns();
    void chat.answer(1, null, 'same');
    await answerAll(words);
    // What the form says by now is not what the answer was written with.
    store.setState(({ lanes }) => ({ lanes: lanes.map((lane) => ({ ...lane, steps: '9' })), system: '' }));
    const turn = store.getState().conversation.turns[1]?.id ?? '';
    void chat.branch({ turn, lane: 'slot', runId: 'run-3', index: 2 }, { id: 42, token: ' x' });
    const { config } = lastRun();
    expect(config.lanes).toHaveLength(1);
    expect(config.lanes[0]).toMatchObject({
      name: 'slot · branch 1',
      steps: 5,
      forcedPrefix: [5, 6, 42],
    });
    expect(contents(config)).toEqual(['Be brief.', 'One?', 'slot', 'Two?']);
    await answerAll();
    const { lanes, conversation } = store.getState();
    expect(lanes.map(({ name }) => name)).toEqual(['baseline', 'slot', 'slot · branch 1']);
    const branch = lanes[2];
    expect(branch?.branch).toEqual({ lane: 'slot', turn, index: 2, token: ' x' });
    expect(conversation.turns.map(({ answers }) => answers[branch?.id ?? '']?.text)).toEqual([
      'slot',
      'slot · branch 1',
    ]);
    expect(conversation.turns[1]?.answers[branch?.id ?? '']?.start).toEqual([5, 6, 42]);
    expect(store.getState().pinned).toMatchObject({ lane: branch?.id, runId: 'run-4', index: 2 });
  });

  it('goes with the conversation that it belongs to, and comes back with it', async () => {
    const { store, chat, answerAll, control, lastRun } = await asked();
    const turn = store.getState().conversation.turns[0]?.id ?? '';
    void chat.branch({ turn, lane: 'slot', runId: 'run-1', index: 0 }, { id: 42, token: ' x' });
    await answerAll();
    chat.newConversation();
    expect(store.getState()).toMatchObject({ conversation: { turns: [] }, shown: { runId: null } });
    expect(store.getState().lanes).toHaveLength(2);
    store.getState().toast?.action?.run();
    expect(store.getState().lanes).toHaveLength(3);
    void control.run();
    expect(lastRun().config.lanes.map(({ name }) => name)).toEqual(['baseline', 'slot']);
  });
});

describe('branches of one answer', () => {
  async function branched() {
    const all = await asked();
    const turn = all.store.getState().conversation.turns[0]!.id;
    const branchOff = async (lane: string, runId: string) => {
      void all.chat.branch({ turn, lane, runId, index: 0 }, { id: 42, token: ' x' });
      await all.answerAll();
    };
    await branchOff('slot', 'run-1');
    return { ...all, turn, branchOff };
  }
  const names = ({ store }: Awaited<ReturnType<typeof branched>>) =>
    store.getState().lanes.map(({ name }) => name);

  it('are numbered, stand after their stem, and are all named after it', async () => {
    const all = await branched();
    await all.branchOff('slot', 'run-1');
    await all.branchOff('baseline', 'run-1');
    const [first] = all.store
      .getState()
      .lanes.filter(({ branch }) => branch !== null && branch.lane === 'slot');
    await all.branchOff(first!.id, 'run-2');
    expect(names(all)).toEqual([
      'baseline',
      'baseline · branch 1',
      'slot',
      'slot · branch 1',
      'slot · branch 3',
      'slot · branch 2',
    ]);
    expect(all.store.getState().lanes[4]?.branch).toMatchObject({ lane: 'slot', turn: all.turn });
  });

  it('begin at tokens that are there, while no run is on, of the conversation at hand, up to eight lanes', async () => {
    const { chat, store, control, transport, turn, answerAll } = await branched();
    const runs = () => transport.sent.filter(({ method }) => method === 'run.start').length;
    const before = runs();
    const ref = { turn, lane: 'slot', runId: 'run-1', index: 0 };
    const alternative = { id: 1, token: 'a' };
    await chat.branch({ ...ref, turn: 'elsewhere' }, alternative);
    await chat.branch({ ...ref, runId: 'run-0' }, alternative);
    store.setState(({ lanes }) => ({
      lanes: [...lanes, ...[1, 2, 3, 4, 5].map((id) => ({ ...lanes[0]!, id: `${id}`, name: `${id}` }))],
    }));
    await chat.branch(ref, alternative);
    store.setState(({ lanes }) => ({ lanes: lanes.slice(0, 3) }));
    const stored = { ...shownRun(store.getState()), runId: 'stored' };
    const { shown } = store.getState();
    store.setState((state) => showing(ownRun('stored'), state, stored));
    await chat.branch(ref, alternative);
    store.setState({ shown });
    expect(runs()).toBe(before);
    void control.run();
    void chat.branch(ref, alternative);
    expect(runs()).toBe(before + 1);
    await answerAll();
  });

  it('become lanes where no other is left, in a new conversation and in a turn that is asked anew', async () => {
    const { chat, store, answerAll } = await branched();
    for (const id of ['baseline', 'slot']) chat.removeLane(id);
    void chat.resend(0, 'Uno?');
    await answerAll();
    expect(store.getState().lanes).toMatchObject([{ name: 'slot · branch 1', branch: null }]);
    expect(store.getState().conversation.turns[0]?.answers).toHaveProperty(store.getState().lanes[0]!.id);
    store.getState().toast?.action?.run();
    expect(store.getState().lanes[0]?.branch).not.toBeNull();
    chat.newConversation();
    expect(store.getState().lanes).toMatchObject([{ name: 'slot · branch 1', branch: null }]);
  });

  it('go with the turn that they left, and not with a later one', async () => {
    const { chat, store, answerAll } = await branched();
    store.setState({ followUp: 'Two?' });
    void chat.send();
    await answerAll();
    void chat.resend(1, 'Dos?');
    expect(store.getState().lanes).toHaveLength(3);
    await answerAll();
    void chat.resend(0, 'Uno?');
    expect(store.getState().lanes.map(({ name }) => name)).toEqual(['baseline', 'slot']);
  });
});
