/** Lists of lanes: order, number, and what a new beginning makes of branches. */

import { describe, expect, it } from 'vitest';
import { MAX_LANES } from '../../../engine/protocol';
import { createLaneActions } from '../../../renderer/state/chat/lane-actions';
import { lossOf, withoutBranches } from '../../../renderer/state/first-turn';
import { OWN_DELTA } from '../../../renderer/state/lane-origin';
import { addLane, LANE_PRESETS, type LaneDraft, moveLane } from '../../../renderer/state/lanes';
import { REFERENCE_LEARNING } from '../../../renderer/state/learning-draft';
import { createAppStore } from '../../../renderer/state/store';

const lane = (id: string, branch: LaneDraft['branch'] = null): LaneDraft => ({
  id,
  name: id,
  preset: 'transformers',
  steps: '5',
  lr: '0.1',
  weightDecay: '',
  learning: REFERENCE_LEARNING,
  origin: OWN_DELTA,
  branch,
});
const branchOf = (stem: string) =>
  lane(`${stem} · branch 1`, { lane: stem, turn: 't', index: 0, token: 'x' });
const ids = (lanes: readonly LaneDraft[]) => lanes.map(({ id }) => id);
const three = [lane('a'), lane('b'), lane('c')];

describe('a lane', () => {
  it('moves by one place, and stays where there is none', () => {
    expect(ids(moveLane(three, 'b', -1))).toEqual(['b', 'a', 'c']);
    expect(ids(moveLane(three, 'b', 1))).toEqual(['a', 'c', 'b']);
    expect(moveLane(three, 'a', -1)).toBe(three);
    expect(moveLane(three, 'c', 1)).toBe(three);
    expect(moveLane(three, 'gone', 1)).toBe(three);
  });

  it('moves and is added where the user says so', () => {
    const store = createAppStore({ lanes: three });
    const actions = createLaneActions(store);
    actions.moveLane('c', -1);
    actions.addLane(LANE_PRESETS[0]!.setup);
    const { lanes } = store.getState();
    expect(lanes.map(({ name }) => name)).toEqual(['a', 'c', 'b', 'baseline']);
    expect(new Set(ids(lanes)).size).toBe(4);
    expect(lanes[3]).toMatchObject({ steps: '0', branch: null });
  });

  it('is not added to as many as there can be', () => {
    let lanes: readonly LaneDraft[] = [];
    for (let i = 0; i < MAX_LANES + 2; i++) lanes = addLane(lanes, LANE_PRESETS[1]!.setup, String(i));
    expect(lanes).toHaveLength(MAX_LANES);
    expect(new Set(lanes.map(({ name }) => name)).size).toBe(MAX_LANES);
  });
});

describe('a new beginning', () => {
  const state = (lanes: LaneDraft[]) => createAppStore({ lanes }).getState();

  it('drops branches, which are lanes of their own where there is nothing else', () => {
    expect(ids(withoutBranches(state([lane('a'), branchOf('a'), lane('b')])).lanes)).toEqual(['a', 'b']);
    expect(withoutBranches(state([branchOf('a')])).lanes).toEqual([{ ...branchOf('a'), branch: null }]);
    const plain = state([lane('a')]);
    expect(withoutBranches(plain)).toBe(plain);
  });

  it('says how much it drops', () => {
    const turn = (id: string) => ({ id, user: id, answers: {} });
    const held = (turns: string[], lanes: LaneDraft[]) =>
      lossOf(createAppStore({ lanes, conversation: { kind: 'chat', turns: turns.map(turn) } }).getState());
    expect(held(['1'], [lane('a')])).toBeNull();
    expect(held(['1', '2'], [lane('a')])).toBe('1 later turn');
    expect(held(['1', '2', '3'], [lane('a'), branchOf('a')])).toBe('2 later turns and 1 branch');
    expect(held(['1'], [lane('a'), branchOf('a'), branchOf('a')])).toBe('2 branches');
  });
});
