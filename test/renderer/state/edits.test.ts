/** Changes of lanes, groups and template variables, taken back and done again. */
import { describe, expect, it } from 'vitest';
import { createConversations } from '../../../renderer/state/chat/conversations';
import { createLaneActions } from '../../../renderer/state/chat/lane-actions';
import { createEdits } from '../../../renderer/state/edits';
import { OWN_DELTA } from '../../../renderer/state/lane-origin';
import { changeLane, DEFAULT_LANES, LANE_PRESETS } from '../../../renderer/state/lanes';
import { createAppStore } from '../../../renderer/state/store';

function start() {
  const clock = { ms: 0 };
  const store = createAppStore();
  const edits = createEdits(store, () => clock.ms);
  const lanes = createLaneActions(store);
  const names = () => store.getState().lanes.map(({ name }) => name);
  const type = (id: string, part: object, afterMs = 0) => {
    clock.ms += afterMs;
    store.setState((state) => ({ lanes: changeLane(state.lanes, id, part) }));
  };
  const stepsOf = (id: string) => store.getState().lanes.find((lane) => lane.id === id)?.steps;
  return { store, edits, lanes, names, type, stepsOf, atHand: () => store.getState().edits };
}

describe('an edit', () => {
  it.each([
    ['added', (s: ReturnType<typeof start>) => s.lanes.addLane(LANE_PRESETS[2]!.setup)],
    ['removed', (s: ReturnType<typeof start>) => s.lanes.removeLane('slot')],
    ['moved', (s: ReturnType<typeof start>) => s.lanes.moveLane('slot', -1)],
    ['added', (s: ReturnType<typeof start>) => s.lanes.duplicateLane('slot')],
    ['added', (s: ReturnType<typeof start>) => s.lanes.setControls(true)],
  ])('of the list: a lane %s', (what, act) => {
    const all = start();
    const before = all.store.getState().lanes;
    act(all);
    const after = all.store.getState().lanes;
    expect(after).not.toBe(before);
    expect(all.atHand()).toEqual({ undo: `lane ${what}`, redo: null });
    all.edits.undo();
    expect(all.store.getState().lanes).toBe(before);
    expect(all.atHand()).toEqual({ undo: null, redo: `lane ${what}` });
    all.edits.redo();
    expect(all.store.getState().lanes).toBe(after);
  });

  it('of one field is what is typed without a pause', () => {
    const { type, edits, stepsOf, atHand } = start();
    type('slot', { steps: '1' });
    type('slot', { steps: '12' }, 500);
    type('slot', { steps: '123' }, 900);
    type('slot', { steps: '7' }, 1500);
    type('slot', { lr: '0.2' }, 10);
    type('slot', { steps: '8' }, 10);
    expect(atHand().undo).toBe('steps of slot');
    edits.undo();
    expect(stepsOf('slot')).toBe('7');
    expect(atHand().undo).toBe('learning rate of slot');
    edits.undo();
    edits.undo();
    expect(stepsOf('slot')).toBe('123');
    edits.undo();
    expect(stepsOf('slot')).toBe('5');
    expect(atHand().undo).toBeNull();
    edits.undo();
    for (let times = 0; times < 6; times++) edits.redo();
    expect(stepsOf('slot')).toBe('8');
  });

  it('of a lane named after its settings is told by the setting', () => {
    const { lanes, type, atHand, store } = start();
    lanes.addLane(LANE_PRESETS[2]!.setup);
    const id = store.getState().lanes[2]!.id;
    type(id, { steps: '4' }, 2000);
    expect(store.getState().lanes[2]!.name).toBe('slot 4 steps');
    expect(atHand().undo).toBe('steps of slot 3 steps');
  });

  it('of groups and template variables goes the same way', () => {
    const { store, edits, atHand } = start();
    const { groups, template } = store.getState();
    store.setState({ groups: [{ name: 'so', words: '' }] });
    expect(atHand().undo).toBe('name of group 1');
    store.setState({ groups: [...store.getState().groups, { name: '', words: '' }] });
    expect(atHand().undo).toBe('group added');
    store.setState({ template: { ...template, variables: [{ name: 'a', value: '1' }] } });
    expect(atHand().undo).toBe('template variable added');
    for (let times = 0; times < 3; times++) edits.undo();
    expect(store.getState().groups).toBe(groups);
    expect(store.getState().template).toBe(template);
  });
});

describe('an edit is named', () => {
  it.each([
    [{ weightDecay: '0.1' }, 'weight decay of slot'],
    [{ origin: { ...OWN_DELTA, kind: 'minus' } }, 'delta of slot'],
    [{ learning: { ...DEFAULT_LANES[1]!.learning, scope: 'user' } }, 'what it learns from, and how of slot'],
    [{ name: 'mine' }, 'name of slot'],
  ] as const)('after what it changed: %j', (part, what) => {
    const { type, atHand } = start();
    type('slot', part);
    expect(atHand().undo).toBe(what);
  });

  it('though its lane has no name', () => {
    const { type, atHand } = start();
    type('slot', { name: ' ' });
    type('slot', { steps: '9' });
    expect(atHand().undo).toBe('steps of a lane');
  });

  it('by the place of its group, or as the template’s', () => {
    const { store, atHand } = start();
    const groups = ['a', 'b'].map((name) => ({ name, words: name }));
    store.setState({ groups });
    store.setState({ groups: [groups[0]!, { ...groups[1]!, words: 'c' }] });
    expect(atHand().undo).toBe('words of group 2');
    store.setState({ groups: [groups[1]!] });
    expect(atHand().undo).toBe('group removed');
    const { template } = store.getState();
    const variables = [{ name: 'a', value: '1' }];
    store.setState({ template: { ...template, variables } });
    store.setState({ template: { ...template, variables: [{ name: 'a', value: '2' }] } });
    expect(atHand().undo).toBe('template variables');
    store.setState({ template: { ...template, variables: [] } });
    expect(atHand().undo).toBe('template variable removed');
  });

  it('apart from another that is typed at once into another group', () => {
    const { store, edits } = start();
    const groups = ['a', 'b'].map((name) => ({ name, words: name }));
    store.setState({ groups });
    const typed = [{ ...groups[0]!, words: 'x' }, groups[1]!];
    store.setState({ groups: typed });
    store.setState({ groups: [typed[0]!, { ...groups[1]!, words: 'y' }] });
    edits.undo();
    expect(store.getState().groups).toBe(typed);
  });
});

describe('edits', () => {
  it('are two hundred at most, the newest', () => {
    const { type, edits, stepsOf, atHand } = start();
    for (let steps = 1; steps <= 205; steps++) type('slot', { steps: String(steps) }, 2000);
    for (let times = 0; times < 300; times++) edits.undo();
    expect(atHand().undo).toBeNull();
    expect(stepsOf('slot')).toBe('5');
  });

  it('are told to nobody once they are closed', () => {
    const { type, edits, atHand } = start();
    edits.close();
    type('slot', { steps: '9' });
    expect(atHand()).toEqual({ undo: null, redo: null });
  });
});

describe('the way back', () => {
  it("is the same by a toast's Undo, which leaves nothing to take back twice", () => {
    const { lanes, store, names, edits, atHand } = start();
    lanes.removeLane('slot');
    expect(names()).toEqual(['baseline']);
    store.getState().toast?.action?.run();
    expect(names()).toEqual(['baseline', 'slot']);
    expect(atHand()).toEqual({ undo: null, redo: 'lane removed' });
    edits.redo();
    expect(names()).toEqual(['baseline']);
  });

  it('says what was undone and offers to do it again', () => {
    const { type, edits, store, stepsOf } = start();
    type('slot', { steps: '9' });
    edits.undo();
    expect(store.getState().toast).toMatchObject({
      text: 'Undone: steps of slot.',
      action: { name: 'Redo' },
    });
    store.getState().toast?.action?.run();
    expect(stepsOf('slot')).toBe('9');
  });

  it('forgets what was undone once something else is changed', () => {
    const { type, edits, atHand } = start();
    type('slot', { steps: '9' });
    edits.undo();
    type('slot', { lr: '1' });
    expect(atHand()).toEqual({ undo: 'learning rate of slot', redo: null });
  });

  it('ends where a conversation or the prompt was replaced along with the lanes', () => {
    const { type, lanes, store, atHand, edits } = start();
    const turn = { id: 'turn', user: 'Hi', answers: {} };
    store.setState({ conversation: { kind: 'chat', turns: [turn] } });
    lanes.duplicateLane('slot');
    expect(atHand().undo).toBe('lane added');
    const copy = store.getState().lanes[2]!;
    const branch = { lane: 'slot', turn: 'turn', index: 0, token: 'a' };
    store.setState({ lanes: [...store.getState().lanes, { ...copy, id: 'b', name: 'b', branch }] });
    createConversations(store, { cancel: async () => {} }, async () =>
      Promise.reject(new Error('none')),
    ).newConversation();
    expect(store.getState().lanes.some(({ id }) => id === 'b')).toBe(false);
    expect(atHand()).toEqual({ undo: null, redo: null });
    edits.undo();
    expect(store.getState().conversation.turns).toEqual([]);
    type('slot', { steps: '9' });
    store.setState({ prompt: 'Another', lanes: store.getState().lanes.slice(0, 1) });
    expect(atHand().undo).toBeNull();
  });
});
