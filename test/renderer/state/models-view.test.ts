/** Models and downloads as the window draws them: answers and messages in, view out. */
import { describe, expect, it } from 'vitest';
import type { Pull } from '../../../engine/protocol';
import { groupInputs } from '../../../renderer/models/group-inputs';
import { pullWords } from '../../../renderer/models/pull-words';
import { type ModelsEvent, NO_MODELS, reduceModels } from '../../../renderer/state/models-view';
import { timeLeft } from '../../../renderer/ui/text/format';
import { CARD, HUB, HUB_MODEL, PULL } from '../models-examples';

const viewAfter = (...events: ModelsEvent[]) => events.reduce(reduceModels, NO_MODELS);
const changed = (part: Partial<Pull>): ModelsEvent => ({ type: 'pull.changed', pull: { ...PULL, ...part } });
const FAILED = { kind: 'failure', code: 'unreachable', message: 'no', hint: '' } as const;
const listed = (pulls: Pull[]): ModelsEvent => ({ type: 'list.read', list: { models: [], pulls, hub: HUB } });

describe('downloads', () => {
  it('follow their messages, several at once, in the order they were begun', () => {
    const other = { pullId: 'other', id: 'some-org/other' };
    const view = viewAfter(
      changed({}),
      changed(other),
      changed({ done: 2_000_000 }),
      changed({ ...other, done: 7 }),
    );
    expect(view.pulls.map(({ pullId, done }) => [pullId, done])).toEqual([
      [PULL.pullId, 2_000_000],
      ['other', 7],
    ]);
  });

  it('come back from the list after a restart of the engine', () => {
    const restarted = viewAfter(changed({}), { type: 'engine.exited' });
    expect(restarted.pulls).toMatchObject([{ state: 'paused', bytesPerSecond: null, done: PULL.done }]);
    expect(viewAfter(listed([{ ...PULL, state: 'paused' }])).pulls).toMatchObject([{ state: 'paused' }]);
    // What the engine no longer knows of is gone, unless it had finished before the user's eyes.
    expect(viewAfter(changed({}), listed([])).pulls).toEqual([]);
    expect(viewAfter(changed({ state: 'done' }), listed([])).pulls).toMatchObject([{ state: 'done' }]);
    expect(viewAfter(changed({ state: 'done' }), listed([PULL])).pulls).toEqual([PULL]);
  });

  it('that are cut as the engine ends are paused, and others stay as they were', () => {
    const states = ['downloading', 'verifying', 'paused', 'failed', 'done'] as const;
    const view = viewAfter(...states.map((state) => changed({ pullId: state, state, problem: FAILED })), {
      type: 'engine.exited',
    });
    expect(view.pulls.map(({ state, problem }) => [state, problem])).toEqual([
      ['paused', null],
      ['paused', null],
      ['paused', FAILED],
      ['failed', FAILED],
      ['done', FAILED],
    ]);
  });

  it('that have finished stay until they are dismissed', () => {
    expect(
      viewAfter(changed({ state: 'done' }), { type: 'pull.dismissed', pullId: PULL.pullId }, listed([]))
        .pulls,
    ).toEqual([]);
  });

  it('are told with size, speed and time left, and never as whole before they are', () => {
    expect(pullWords(PULL)).toBe('50 % · 1.5 MB of 3 MB · 500 kB/s · about 3 s left');
    const almost = { ...PULL, done: PULL.bytes - 1, bytesPerSecond: null, secondsLeft: null };
    expect(pullWords(almost)).toMatch(/^99 %/);
    expect(pullWords({ ...PULL, files: [], bytes: 0, done: 0 })).toBe('Asking the hub for its files…');
    expect(pullWords({ ...PULL, state: 'paused' })).toMatch(/^Paused at 50 %/);
    expect(pullWords({ ...PULL, state: 'failed', bytes: 0, done: 0 })).toBe('Failed');
  });

  it('write times coarsely', () => {
    expect([0.2, 59.4, 60, 3599, 7800].map(timeLeft)).toEqual([
      '1 s',
      '59 s',
      '1 min',
      '1 h 0 min',
      '2 h 10 min',
    ]);
  });
});

describe('the view', () => {
  const subject = { model: 'some-org/tiny', dtype: null };
  const failure = {
    kind: 'failure',
    code: 'unreachable',
    message: 'no connection',
    hint: 'Check it.',
  } as const;

  it('takes the answer to what is asked now, not to what was asked before', () => {
    const other = { model: '/models/tiny', dtype: null };
    const view = viewAfter(
      { type: 'card.asked', subject },
      { type: 'card.asked', subject: other },
      { type: 'card.read', subject, card: CARD },
    );
    expect(view.shown).toEqual({ subject: other, card: null, isReading: true, failure: null });
    const found = [{ ...HUB_MODEL, id: 'stale/model' }];
    const search = viewAfter(
      { type: 'search.asked', query: 'a' },
      { type: 'search.asked', query: 'ab' },
      { type: 'search.answered', query: 'a', found },
    ).search;
    expect(search).toMatchObject({ query: 'ab', isAsking: true, found: null });
    expect(
      viewAfter({ type: 'search.asked', query: '' }, { type: 'search.failed', query: 'a', failure }).search
        .failure,
    ).toBeNull();
  });

  it('keeps a card while another dtype of its model is read', () => {
    const read: ModelsEvent[] = [
      { type: 'card.asked', subject },
      { type: 'card.read', subject, card: CARD },
    ];
    const next = { ...subject, dtype: 'fp16' };
    expect(viewAfter(...read, { type: 'card.asked', subject: next }).shown).toMatchObject({
      card: CARD,
      isReading: true,
    });
    expect(
      viewAfter(...read, { type: 'card.asked', subject: { model: null, dtype: null } }).shown?.card,
    ).toBeNull();
    const failed = viewAfter(...read, { type: 'card.failed', subject, failure });
    expect(failed.shown).toEqual({ subject, card: null, isReading: false, failure });
  });

  it('has nothing to cancel where no card is shown', () => {
    expect(viewAfter({ type: 'card.cancelled' }).shown).toBeNull();
  });

  it('knows how each server stands', () => {
    const told = { about: null, latency: null, problem: failure };
    const view = viewAfter(
      { type: 'server.asked', address: 'a' },
      { type: 'server.asked', address: 'b' },
      { type: 'server.told', address: 'a', status: told },
    );
    expect(view.statuses).toEqual({ a: told, b: 'asking' });
  });

  it('goes back to the curated list where the search is emptied', () => {
    const view = viewAfter(
      { type: 'search.asked', query: 'a' },
      { type: 'search.answered', query: 'a', found: [HUB_MODEL] },
      { type: 'search.asked', query: 'ab' },
    );
    expect(view.search).toMatchObject({ query: 'ab', isAsking: true, found: [HUB_MODEL] });
    const emptied = reduceModels(view, { type: 'search.asked', query: '' });
    expect(emptied.search).toEqual({ query: '', isAsking: false, found: null, failure: null });
  });

  it('groups inputs by layer', () => {
    const past = (layer: number, kind: string) => ({
      name: `past_key_values.${layer}.${kind}`,
      type: 'float32',
      dims: ['batch', 2, 'past', 8],
    });
    const inputs = [
      { name: 'input_ids', type: 'int64', dims: ['batch', 'length'] },
      ...[0, 1, 2].flatMap((layer) => [past(layer, 'key'), past(layer, 'value')]),
    ];
    expect(groupInputs(inputs).map(({ name, layers }) => [name, layers])).toEqual([
      ['input_ids', 1],
      ['past_key_values.N.key', 3],
      ['past_key_values.N.value', 3],
    ]);
  });
});
