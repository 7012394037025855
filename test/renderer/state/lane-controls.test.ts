/** Lanes that are controls, in the form: their names and colours, and the switch for all at once. */
import { describe, expect, it } from 'vitest';
import { CONTROLS } from '../../../engine/protocol';
import { createLaneActions } from '../../../renderer/state/chat/lane-actions';
import { type OriginDraft, OWN_DELTA } from '../../../renderer/state/lane-origin';
import {
  addLane,
  changeLane,
  controlsOfSlot,
  DEFAULT_LANES,
  type LaneDraft,
  laneTones,
} from '../../../renderer/state/lanes';
import { createAppStore } from '../../../renderer/state/store';

const SLOT = DEFAULT_LANES[1]!;

describe('the name of a lane', () => {
  const kinds = (name: string, kind: OriginDraft['kind']) =>
    changeLane([{ ...SLOT, name }, DEFAULT_LANES[0]!], SLOT.id, { origin: { ...OWN_DELTA, kind } })[0]!.name;

  it('follows its kind, unless the user has named it', () => {
    expect(kinds('slot', 'minus')).toBe('minus');
    expect(kinds('slot 3 steps', 'random')).toBe('random');
    expect(kinds('mine', 'random')).toBe('mine');
    const random = { ...SLOT, name: 'random 2', origin: { ...OWN_DELTA, kind: 'random' } } as const;
    expect(changeLane([random], SLOT.id, { origin: OWN_DELTA })[0]!.name).toBe('slot');
  });
});

it('a lane without delta has the colour of the baseline', () => {
  const matched: LaneDraft = { ...SLOT, id: 't', name: 't', origin: { ...OWN_DELTA, kind: 'temperature' } };
  const minus: LaneDraft = { ...SLOT, id: 'm', name: 'm', origin: { ...OWN_DELTA, kind: 'minus' } };
  expect(laneTones([...DEFAULT_LANES, matched, minus])).toEqual([0, 1, 0, 2]);
});

describe('the switch for all controls', () => {
  const vllm: LaneDraft = { ...SLOT, preset: 'vllm', steps: '3', lr: '0.2', weightDecay: '0.1' };

  it('adds them with the settings of SLOT, and takes them away; both can be undone', () => {
    const store = createAppStore({ lanes: [DEFAULT_LANES[0]!, vllm] });
    const actions = createLaneActions(store);
    const undo = () => store.getState().toast!.action!.run();
    actions.setControls(true);
    const { lanes } = store.getState();
    expect(lanes.slice(2).map(({ name }) => name)).toEqual(CONTROLS.map(({ name }) => name));
    for (const lane of lanes.slice(2))
      expect(lane).toMatchObject({ preset: 'vllm', steps: '3', lr: '0.2', weightDecay: '0.1' });
    expect(controlsOfSlot(lanes).missing).toEqual([]);
    undo();
    expect(store.getState().lanes).toEqual([DEFAULT_LANES[0], vllm]);

    store.setState({ lanes });
    actions.setControls(false);
    expect(store.getState().lanes).toEqual([DEFAULT_LANES[0], vllm]);
    undo();
    expect(store.getState().lanes).toEqual(lanes);
  });

  it('leaves controls with the settings of their SLOT lane, which they follow', () => {
    const lanes = [
      ...DEFAULT_LANES,
      { ...SLOT, id: 'm', name: 'm', origin: { ...OWN_DELTA, kind: 'minus' as const } },
    ];
    const changed = changeLane([...lanes, { ...vllm, id: 'v', name: 'v' }], SLOT.id, { lr: '1' });
    expect(changed.map(({ lr }) => lr)).toEqual(['0.1', '1', '1', '0.2']);
    expect(changeLane(lanes, 'm', { lr: '2' }).map(({ lr }) => lr)).toEqual(['0.1', '0.1', '2']);
    const renamed = changeLane(lanes, SLOT.id, { name: 'mine', steps: '6' });
    expect(renamed[2]).toMatchObject({ name: 'm', steps: '6', origin: { kind: 'minus' } });
  });

  it('adds only what is missing, under a name that is free', () => {
    const minus = { ...vllm, name: 'against', origin: { ...OWN_DELTA, kind: 'minus' } } as const;
    const other = { ...SLOT, name: 'template' };
    const lanes = addLane(
      [
        { ...vllm, id: 'v' },
        { ...other, id: 'o', branch: null },
      ],
      minus,
      'm',
    );
    const store = createAppStore({ lanes });
    createLaneActions(store).setControls(true);
    expect(store.getState().lanes.map(({ name }) => name)).toEqual([
      'slot',
      'template',
      'against',
      'random 1',
      'random 2',
      'random 3',
      'template 2',
      'temperature',
    ]);
  });

  it('adds them as far as eight lanes go, and says how many; says nothing where all are there', () => {
    const store = createAppStore({ lanes: DEFAULT_LANES });
    const actions = createLaneActions(store);
    actions.setControls(true);
    expect(store.getState().lanes).toHaveLength(2 + CONTROLS.length);
    expect(store.getState().toast?.text).toBe(`Added ${CONTROLS.length} controls.`);
    const all = store.getState();
    actions.setControls(true);
    expect(store.getState()).toBe(all);
  });

  it('adds none where there is no room for all, and none where no lane is SLOT', () => {
    const lanes = ['a', 'b', 'c'].map((id) => ({ ...vllm, id, name: id }));
    const full = createAppStore({ lanes });
    createLaneActions(full).setControls(true);
    expect(full.getState().lanes).toEqual(lanes);
    const none = createAppStore({ lanes: [DEFAULT_LANES[0]!] });
    createLaneActions(none).setControls(true);
    expect(none.getState().lanes).toEqual([DEFAULT_LANES[0]]);
    expect(controlsOfSlot(none.getState().lanes).slot).toBeNull();
  });
});
