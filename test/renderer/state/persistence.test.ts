/** What outlives a reload, and what broken memory does: nothing. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type AppState,
  INITIAL_STATE,
  KEY_RULES,
  nextAnswerView,
  STATE_KEYS,
} from '../../../renderer/state/app-state';
import { loadState, parseRemembered, saveState, serialise } from '../../../renderer/state/persistence';
import { createPersistentStore } from '../../../renderer/state/store';
import { followTheme } from '../../../renderer/state/theme';

const LANE = {
  ...INITIAL_STATE.lanes[1]!,
  preset: 'vllm',
  steps: '5000',
  lr: 'abc',
} as const;

const typed: AppState = {
  ...INITIAL_STATE,
  prompt: 'How many?',
  lanes: [LANE],
  theme: 'dark',
  selectedStep: 3,
};

describe('the table of keys', () => {
  it('has a line for every key, and its defaults fit their own schemas', () => {
    expect(STATE_KEYS.toSorted()).toEqual(Object.keys(INITIAL_STATE).toSorted());
    for (const key of STATE_KEYS) {
      const schema = KEY_RULES[key].persists;
      if (schema) expect(schema.safeParse(INITIAL_STATE[key]).success, key).toBe(true);
    }
  });

  it('keeps drafts and choices, and forgets the run and the engine', () => {
    const persistent = STATE_KEYS.filter((key) => KEY_RULES[key].persists);
    expect(persistent).toEqual(
      expect.arrayContaining(['system', 'prompt', 'lanes', 'generation', 'modelChoice', 'theme', 'ranking']),
    );
    for (const key of ['run', 'engine', 'model', 'selectedStep'] as const)
      expect(persistent).not.toContain(key);
  });
});

describe('a reload', () => {
  it('brings back what was typed, wrong numbers included', () => {
    const back = parseRemembered(serialise(typed));
    expect(back.prompt).toBe('How many?');
    expect(back.lanes).toEqual([LANE]);
    expect(back.theme).toBe('dark');
    expect(back).not.toHaveProperty('selectedStep');
    expect(back).not.toHaveProperty('run');
  });

  it('brings back every view, column, theme and shape that can be chosen', () => {
    const choices = {
      chartsTab: ['optimisation', 'vocabulary', 'token'],
      vocabularyView: ['bars', 'table', 'heatmap', 'histogram'],
      shownPane: ['prompt', 'answers', 'charts'],
      theme: ['light', 'dark', 'auto'],
      promptKind: ['chat', 'raw'],
    };
    for (const [key, values] of Object.entries(choices)) {
      for (const value of values)
        expect(parseRemembered(JSON.stringify({ [key]: value }))).toEqual({ [key]: value });
    }
    for (const column of [
      'token',
      'id',
      'raw',
      'centred',
      'baseMeanP',
      'meanP',
      'mass',
      'rank',
      'answerMass',
      'logprob',
      'answerRank',
    ]) {
      const tableSort = { column, descending: false };
      expect(parseRemembered(JSON.stringify({ tableSort }))).toEqual({ tableSort });
    }
  });

  it('finds what an earlier version of the window wrote', () => {
    const stored = new Map([['slot-studio:state', '{"prompt":"kept"}']]);
    expect(loadState({ getItem: (key) => stored.get(key) ?? null })).toEqual({ prompt: 'kept' });
    saveState({ setItem: (key, value) => void stored.set(key, value) }, typed);
    expect([...stored.keys()]).toEqual(['slot-studio:state']);
  });

  it('drops broken parts and keeps the others', () => {
    const text = JSON.stringify({
      prompt: 'kept',
      theme: 'plaid',
      lanes: [],
      generation: 7,
      run: {},
      extra: 1,
    });
    expect(parseRemembered(text)).toEqual({ prompt: 'kept' });
  });

  it.each([null, '', '{', '[]', '3', 'null', '{"__proto__":{"prompt":"x"}}'])('ignores %j', (text) => {
    expect(parseRemembered(text)).toEqual({});
  });

  it('works on where storage is forbidden or full', () => {
    const refuse = () => {
      throw new DOMException('denied', 'SecurityError');
    };
    expect(loadState({ getItem: refuse })).toEqual({});
    expect(() => saveState({ setItem: refuse }, typed)).not.toThrow();
  });
});

describe('a store that outlives its page', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function open(stored = new Map<string, string>()) {
    const setItem = vi.fn((key: string, text: string) => void stored.set(key, text));
    const localStorage = { getItem: (key: string) => stored.get(key) ?? null, setItem };
    const page = Object.assign(new EventTarget(), { localStorage, setTimeout, clearTimeout });
    const store = createPersistentStore(page as unknown as Window);
    const leave = () => void page.dispatchEvent(new Event('pagehide'));
    return { store, stored, setItem, leave };
  }

  it('begins as the one before it ended', () => {
    const before = open();
    before.store.setState({ prompt: 'How many?', selectedStep: 3 });
    before.leave();
    const { store } = open(before.stored);
    expect(store.getState()).toMatchObject({ prompt: 'How many?', selectedStep: null, theme: 'auto' });
  });

  it('writes once the typing rests, and only what is to be kept', () => {
    const { store, setItem, stored } = open();
    for (const prompt of ['H', 'Ho', 'How']) store.setState({ prompt });
    expect(setItem).not.toHaveBeenCalled();
    vi.runAllTimers();
    expect(setItem).toHaveBeenCalledOnce();
    expect(loadState({ getItem: (key) => stored.get(key) ?? null }).prompt).toBe('How');
    store.setState({ selectedStep: 3 });
    vi.runAllTimers();
    expect(setItem).toHaveBeenCalledOnce();
    store.setState({ theme: 'dark' });
    vi.runAllTimers();
    expect(setItem).toHaveBeenCalledTimes(2);
  });

  it('writes what is not written yet as its page is left, and nothing else', () => {
    const { store, setItem, leave } = open();
    leave();
    expect(setItem).not.toHaveBeenCalled();
    store.setState({ prompt: 'How?' });
    leave();
    expect(setItem).toHaveBeenCalledOnce();
    vi.runAllTimers();
    expect(setItem).toHaveBeenCalledOnce();
  });

  it('leaves the page alone while neither changes, as with every token', () => {
    const { store } = open();
    const written: string[] = [];
    const dataset = new Proxy<Record<string, string>>(
      {},
      { set: (target, key, value) => written.push(String(key)) > 0 && Reflect.set(target, key, value) },
    );
    followTheme(store, { dataset } as unknown as HTMLElement);
    store.setState({ prompt: 'How?' });
    expect(written).toEqual(['theme', 'density']);
  });

  it('tells the style sheets its theme and density, at once and as they change', () => {
    const { store } = open();
    const element = { dataset: {} } as HTMLElement;
    followTheme(store, element);
    expect(element.dataset).toEqual({ theme: 'auto', density: store.getState().density });
    store.setState({ theme: 'dark' });
    expect(element.dataset.theme).toBe('dark');
    store.setState({ density: 'compact' });
    expect(element.dataset.density).toBe('compact');
  });
});

it('the answers are shown in one way after the other', () => {
  const seen = [nextAnswerView('tokens')];
  for (let times = 0; times < 3; times++) seen.push(nextAnswerView(seen.at(-1)!));
  expect(seen).toEqual(['text', 'markdown', 'tokens', 'text']);
});
