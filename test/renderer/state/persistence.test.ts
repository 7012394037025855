/** What outlives a reload, and what broken memory does: nothing. */
import { describe, expect, it } from 'vitest';
import { type AppState, INITIAL_STATE, KEY_RULES, STATE_KEYS } from '../../../renderer/state/app-state';
import { loadState, parseRemembered, saveState, serialise } from '../../../renderer/state/persistence';

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
