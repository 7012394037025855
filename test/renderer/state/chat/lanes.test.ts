/** What the user does to the lanes of a conversation. */

import { describe, expect, it } from 'vitest';
import { addLane, changeLane, DEFAULT_LANES, LANE_PRESETS } from '../../../../renderer/state/lanes';
import { asked, start } from './talk';

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
