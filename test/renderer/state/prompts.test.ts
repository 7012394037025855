/** Prompts of before, and a list of prompts that is stepped through with every view kept. */
import { describe, expect, it } from 'vitest';
import { requestedRun } from '../../../renderer/run/run-view';
import { checkDraft, type ModelDraft } from '../../../renderer/state/draft';
import { firstTurn } from '../../../renderer/state/first-turn';
import { createPrompts } from '../../../renderer/state/prompts';
import { PROMPTS_RULES, withRecentModel, withRecentPrompt } from '../../../renderer/state/prompts-state';
import { ownRun, showing } from '../../../renderer/state/shown-run';
import { createAppStore } from '../../../renderer/state/store';

const DOGS = { system: null, prompt: 'Dogs?' };
const CATS = { system: 'Be brief.', prompt: 'Cats?' };

function start() {
  const store = createAppStore();
  const asked: string[] = [];
  const loaded: number[] = [];
  const opened: ModelDraft[] = [];
  const control = {
    async run() {
      const state = store.getState();
      const runId = `run-${asked.length + 1}`;
      asked.push(state.prompt);
      const next = firstTurn(state, runId);
      const { config } = checkDraft(state);
      const view = { ...requestedRun(runId, config!), phase: 'done' as const };
      store.setState({ ...next, selectedStep: null, pinned: null });
      store.setState(showing(ownRun(runId), store.getState(), view));
    },
    async openModel() {
      opened.push(store.getState().modelChoice);
    },
  };
  const chat = {
    async loadTurns() {
      loaded.push(store.getState().conversation.turns.length);
      const [turn] = store.getState().conversation.turns;
      store.setState({ shown: ownRun(Object.values(turn?.answers ?? {})[0]?.runId ?? null) });
    },
  };
  return {
    store,
    asked,
    loaded,
    opened,
    prompts: createPrompts(store, control, chat),
    state: store.getState,
  };
}

describe('prompts of before', () => {
  it('are those that were asked, the newest first and once each', () => {
    const { store } = start();
    for (const prompt of ['a', 'b', 'a']) {
      store.setState({ prompt, system: 's' });
      store.setState(firstTurn(store.getState(), prompt));
    }
    expect(store.getState().recentPrompts.map(({ prompt }) => prompt)).toEqual(['a', 'b']);
  });

  it('are bounded, in number and in length', () => {
    const many = Array.from({ length: 40 }, (_, at) => at).reduce<ReturnType<typeof withRecentPrompt>>(
      (all, at) => withRecentPrompt(all, { system: '', prompt: `p${at}`, promptKind: 'chat' }),
      [],
    );
    expect(many).toHaveLength(20);
    expect(withRecentPrompt(many, { system: '', prompt: 'x'.repeat(20_001), promptKind: 'chat' })).toBe(many);
    expect(PROMPTS_RULES.recentPrompts.persists.safeParse(many).success).toBe(true);
    const choice = { folder: '', dtype: '', device: 'cpu', memorySaver: false, arithmetic: 'exact' } as const;
    const models = Array.from({ length: 12 }, (_, at) => ({ id: `m${at}`, dtype: 'q4', choice }));
    const kept = models.reduce<ReturnType<typeof withRecentModel>>(withRecentModel, []);
    expect(kept.map(({ id }) => id)).toEqual(['m11', 'm10', 'm9', 'm8', 'm7', 'm6', 'm5', 'm4']);
  });

  it('take the place of what was typed, which comes back', () => {
    const { store, prompts, state } = start();
    prompts.take({ system: '', prompt: 'First', promptKind: 'chat' });
    expect(state().toast).toBeNull();
    store.setState({ prompt: 'My own', system: 'Mine' });
    prompts.take({ system: '', prompt: 'Second', promptKind: 'raw' });
    // Raw text has no system prompt: the form's is of no consequence, and stays.
    expect(state()).toMatchObject({ prompt: 'Second', system: 'Mine', promptKind: 'raw' });
    state().toast?.action?.run();
    expect(state()).toMatchObject({ prompt: 'My own', system: 'Mine', promptKind: 'chat' });
  });
});

it('a model of before is opened as it was', () => {
  const { prompts, state, opened } = start();
  const choice = { ...state().modelChoice, folder: '/models/a', dtype: 'q4' };
  prompts.openModel({ id: 'a', dtype: 'q4', choice });
  expect(state().modelChoice).toBe(choice);
  expect(opened).toEqual([choice]);
});

describe('a list of prompts', () => {
  it('runs each as it is come to, with the step, the lane and the token that were looked at', async () => {
    const { store, prompts, state, asked } = start();
    prompts.begin('pets', [DOGS, CATS, DOGS]);
    expect(state()).toMatchObject({ prompt: 'Dogs?', promptSet: { at: 0, name: 'pets' } });
    await store.getState();
    store.setState({ system: 'Old.' });
    await prompts.goTo(1);
    expect(state()).toMatchObject({ prompt: 'Cats?', system: 'Be brief.' });
    const [turn] = state().conversation.turns;
    store.setState({
      selectedStep: 2,
      shiftLane: 'slot',
      pinned: { turn: turn!.id, lane: 'slot', runId: 'run-1', index: 4 },
    });
    await prompts.goTo(2);
    expect(asked).toEqual(['Cats?', 'Dogs?']);
    expect(state()).toMatchObject({ selectedStep: 2, shiftLane: 'slot', promptSet: { at: 2 } });
    expect(state().pinned).toEqual({
      turn: state().conversation.turns[0]!.id,
      lane: 'slot',
      runId: 'run-2',
      index: 4,
    });
  });

  it('shows the answers that a prompt had in place of running it again', async () => {
    const { prompts, state, asked, loaded } = start();
    prompts.begin('pets', [DOGS, CATS]);
    await prompts.goTo(1);
    const cats = state().conversation;
    await prompts.goTo(0);
    const dogs = state().conversation;
    await prompts.goTo(1);
    expect(state().conversation).toBe(cats);
    expect(state().shown.runId).toBe('run-1');
    await prompts.goTo(0);
    expect(state().conversation).toBe(dogs);
    expect(asked).toEqual(['Cats?', 'Dogs?']);
    expect(loaded).toEqual([1, 1]);
    // Another list begins anew.
    prompts.begin('again', [DOGS, CATS]);
    await prompts.goTo(1);
    expect(asked).toHaveLength(3);
  });

  it('only fills the form in where it is not to run, and waits for a run that is on', async () => {
    const { store, prompts, state, asked } = start();
    prompts.begin('pets', [DOGS, CATS]);
    prompts.setRunsEach(false);
    await prompts.goTo(1);
    expect(asked).toEqual([]);
    expect(state().prompt).toBe('Cats?');
    const { config } = checkDraft(state());
    store.setState(showing(ownRun('on'), state(), requestedRun('on', config!)));
    await prompts.goTo(0);
    expect(state().promptSet?.at).toBe(1);
  });

  it('has to hold a prompt, and shows none beyond its ends', async () => {
    const { prompts, state, asked } = start();
    prompts.begin('none', []);
    expect(state().promptSet).toBeNull();
    await prompts.goTo(1);
    prompts.setRunsEach(false);
    prompts.end();
    expect(state()).toMatchObject({ promptSet: null, toast: null });
    prompts.begin('pets', [CATS, DOGS]);
    expect(state()).toMatchObject({
      prompt: 'Cats?',
      system: 'Be brief.',
      dialog: null,
      shownPane: 'prompt',
    });
    for (const at of [0, 2, -1]) await prompts.goTo(at);
    expect(asked).toEqual([]);
    expect(state().promptSet).toMatchObject({ at: 0, runsEach: true });
    // A prompt without a system prompt leaves the form's.
    await prompts.goTo(1);
    expect(state()).toMatchObject({ prompt: 'Dogs?', system: 'Be brief.' });
  });

  it('is put away, and comes back', () => {
    const { prompts, state } = start();
    prompts.begin('pets', [DOGS, CATS]);
    prompts.end();
    expect(state().promptSet).toBeNull();
    state().toast?.action?.run();
    expect(state().promptSet?.name).toBe('pets');
    expect(PROMPTS_RULES.promptSet.persists.safeParse({ ...state().promptSet, at: 2 }).success).toBe(false);
    expect(PROMPTS_RULES.promptSet.persists.safeParse(state().promptSet).success).toBe(true);
  });
});
