/** What the user does to a conversation, down to the messages, over a transport whose other end is the test. */

import { describe, expect, it, vi } from 'vitest';
import { type RunConfig, type RunEvent, SCHEMA_VERSION } from '../../../engine/protocol';
import { createEngineClient } from '../../../renderer/engine/engine-client';
import { EMPTY_RUN } from '../../../renderer/run/run-view';
import { createChat } from '../../../renderer/state/chat';
import { createEngineControl } from '../../../renderer/state/engine-control';
import { addLane, changeLane, DEFAULT_LANES, LANE_PRESETS } from '../../../renderer/state/lanes';
import { shownChat } from '../../../renderer/state/shown-chat';
import { NO_RUNS, ownRun, showing, shownRun } from '../../../renderer/state/shown-run';
import { createAppStore } from '../../../renderer/state/store';
import { FakeTransport } from '../fake-transport';
import { laneDone, slotStep, token } from '../run-events';

function start() {
  const transport = new FakeTransport();
  const store = createAppStore({ prompt: 'One?', system: 'Be brief.' });
  let runs = 0;
  let time = 0;
  const control = createEngineControl(createEngineClient(transport), store, {
    restartEngine: () => Promise.resolve(),
    newRunId: () => `run-${++runs}`,
    now: () => (time += 1000),
    schedule: (callback) => {
      queueMicrotask(callback);
      return () => {};
    },
  });
  const read = vi.fn(() => Promise.reject(new Error('not on disk')));
  const chat = createChat(store, control, read);
  const lastRun = () => {
    const request = transport.sent.findLast(({ method }) => method === 'run.start');
    return request?.params as { runId: string; config: RunConfig };
  };
  /** Plays the asked run to its end: every lane writes its own name. */
  const answerAll = async (words: (lane: string) => [number, string][] = (lane) => [[lane.length, lane]]) => {
    const { runId, config } = lastRun();
    const events: RunEvent[] = [
      {
        type: 'run.started',
        v: SCHEMA_VERSION,
        runId,
        at: '2025-06-01T12:00:00.000Z',
        model: { id: 'starter', dtype: 'fp32', projection: 'Gemm', vocab: 100, hidden: 8 },
        config,
        prompt: { text: '', ids: [1], tokens: ['x'] },
      },
      ...config.lanes.filter(({ steps }) => steps > 0).map(({ name }) => slotStep(0, 3, name)),
      ...config.lanes.flatMap(({ name }) => words(name).map(([id, text], i) => token(name, i, id, text))),
      ...config.lanes.map(({ name }) =>
        laneDone(
          name,
          words(name)
            .map(([, text]) => text)
            .join(''),
          words(name).map(([id]) => id),
        ),
      ),
      { type: 'run.done', ms: { load: 0, prefill: 1, slot: 1, decode: 1 } },
    ];
    for (const event of events) transport.receive({ kind: 'event', runId, event });
    await Promise.resolve();
  };
  return { transport, store, control, chat, lastRun, answerAll, read };
}

async function asked() {
  const all = start();
  void all.control.run();
  await all.answerAll();
  return all;
}

async function twoTurns() {
  const all = await asked();
  all.store.setState({ followUp: 'Two?' });
  void all.chat.send();
  await all.answerAll();
  return all;
}

const contents = ({ prompt }: { prompt?: RunConfig['prompt'] | undefined }) =>
  prompt?.kind === 'chat' ? prompt.messages.map(({ content }) => content) : null;

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

describe('what a lane learns from', () => {
  it('is what was marked, with a way back', async () => {
    const { store, chat } = await asked();
    const { lanes } = store.getState();
    chat.setScope('slot', { kind: 'from', first: 2 });
    expect(store.getState().lanes.map(({ learning }) => learning.scope)).toEqual(['whole', 'from:3']);
    expect(store.getState().toast).toMatchObject({
      kind: 'done',
      text: expect.stringMatching(/^slot learns from /),
    });
    store.getState().toast?.action?.run();
    expect(store.getState().lanes).toBe(lanes);
  });

  it('is not changed of a lane that is not there, which is said', async () => {
    const { store, chat } = await asked();
    const { lanes } = store.getState();
    chat.setScope('gone', { kind: 'from', first: 2 });
    expect(store.getState().lanes).toBe(lanes);
    expect(store.getState().toast).toMatchObject({
      kind: 'problem',
      text: expect.stringContaining('no lane gone'),
    });
  });
});

describe('lanes', () => {
  it('that are named after their settings keep being so, and keep names of the user’s own', () => {
    const preset = LANE_PRESETS.find(({ title }) => title === 'SLOT lr 1');
    let lanes = addLane(DEFAULT_LANES, preset!.setup, 'new');
    const nameAfter = (part: Parameters<typeof changeLane>[2]) => {
      lanes = changeLane(lanes, 'new', part);
      return lanes.at(-1)?.name;
    };
    expect(lanes.at(-1)?.name).toBe('slot lr 1');
    expect(nameAfter({ lr: '' })).toBe('slot lr 1');
    expect(nameAfter({ lr: '0.5' })).toBe('slot lr 0.5');
    expect(nameAfter({ steps: '3' })).toBe('slot 3 steps lr 0.5');
    expect(nameAfter({ preset: 'vllm' })).toBe('slot 3 steps lr 0.5 vllm');
    expect(nameAfter({ steps: '0' })).toBe('baseline 2');
    expect(nameAfter({ steps: '5', lr: '1', preset: 'transformers' })).toBe('slot lr 1');
    expect(nameAfter({ lr: '0.1' })).toBe('slot 2');
    expect(nameAfter({ name: 'mine lr 1' })).toBe('mine lr 1');
    expect(nameAfter({ lr: '2' })).toBe('mine lr 1');
    // The name of no setting in particular.
    expect(changeLane(DEFAULT_LANES, 'slot', { steps: '3' })[1]?.name).toBe('slot');
    // Told apart by a number, and still what it is called: nothing of that changed.
    const numbered = [{ ...DEFAULT_LANES[1]!, name: 'slot lr 1 2', lr: '1' }];
    expect(changeLane(numbered, 'slot', { weightDecay: '0.1' })[0]?.name).toBe('slot lr 1 2');
    // A baseline that adapts is none.
    expect(changeLane(DEFAULT_LANES, 'baseline', { steps: '3' })[0]?.name).toBe('slot 3 steps');
  });

  it('are removed with a way back, but not the last one', async () => {
    const { store, chat } = await asked();
    chat.removeLane('baseline');
    expect(store.getState().lanes.map(({ id }) => id)).toEqual(['slot']);
    chat.removeLane('slot');
    expect(store.getState().lanes).toHaveLength(1);
    store.getState().toast?.action?.run();
    expect(store.getState().lanes).toHaveLength(2);
  });

  it('take their answers along when they are duplicated, and stop at eight', async () => {
    const { store, chat } = await asked();
    chat.duplicateLane('slot');
    const copy = store.getState().lanes[2];
    expect(copy?.name).toBe('slot copy');
    expect(store.getState().conversation.turns[0]?.answers[copy?.id ?? '']?.text).toBe('slot');
    for (let i = 0; i < 10; i++) chat.duplicateLane('slot');
    const names = store.getState().lanes.map(({ name }) => name);
    expect(names).toHaveLength(8);
    expect(new Set(names).size).toBe(8);
  });

  it('move by one place, and not beyond the ends', async () => {
    const { store, chat } = await asked();
    const ids = () => store.getState().lanes.map(({ id }) => id);
    chat.moveLane('slot', 1);
    chat.moveLane('baseline', -1);
    chat.moveLane('gone', 1);
    expect(ids()).toEqual(['baseline', 'slot']);
    chat.moveLane('slot', -1);
    expect(ids()).toEqual(['slot', 'baseline']);
  });

  it('are added up to eight, each under its id', async () => {
    const { store, chat } = await asked();
    const ids = Array.from({ length: 7 }, () => chat.addLane(LANE_PRESETS[1]!.setup));
    expect(ids.slice(6)).toEqual([null]);
    expect(
      store
        .getState()
        .lanes.slice(2)
        .map(({ id }) => id),
    ).toEqual(ids.slice(0, 6));
    expect(store.getState().lanes.at(-1)?.name).toBe('slot 7');
    const before = store.getState();
    chat.duplicateLane('gone');
    chat.removeLane('gone');
    expect(store.getState().lanes).toEqual(before.lanes);
  });

  it('stop one at a time', async () => {
    const { control, transport } = start();
    void control.run();
    void control.stopLane('slot');
    expect(transport.sent.at(-1)).toMatchObject({
      method: 'lane.stop',
      params: { runId: 'run-1', lane: 'slot' },
    });
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
