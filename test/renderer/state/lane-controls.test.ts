/** Lanes that are controls, in the form: what is typed, what it makes of a run, and the switch for all at once. */
import { describe, expect, it } from 'vitest';
import { CONTROLS, type DeltaOrigin, describeOrigin, type Prompt, RunConfig } from '../../../engine/protocol';
import { createLaneActions } from '../../../renderer/state/chat/lane-actions';
import { checkDraft, DEFAULT_DRAFT, type Draft } from '../../../renderer/state/draft';
import { draftOfRun } from '../../../renderer/state/draft-of-run';
import { givenSetup } from '../../../renderer/state/given-lane';
import {
  describeOriginDraft,
  type OriginDraft,
  OWN_DELTA,
  originDraft,
} from '../../../renderer/state/lane-origin';
import {
  addLane,
  changeLane,
  controlsOfSlot,
  DEFAULT_LANES,
  LaneDraft,
  laneTones,
} from '../../../renderer/state/lanes';
import { createAppStore } from '../../../renderer/state/store';

const SLOT = DEFAULT_LANES[1]!;
const VECTOR = { values: 'AACAPwAAgD8=', sha256: 'ab'.repeat(32), vocab: 7, witness: [1, 2] };

function draftWith(origin: OriginDraft, part: Partial<Draft> = {}): Draft {
  return { ...DEFAULT_DRAFT, prompt: 'Hi', lanes: [{ ...SLOT, origin }], ...part };
}

function originsOf(draft: Draft): DeltaOrigin[] | undefined {
  return checkDraft(draft).config?.lanes.map(({ origin }) => origin);
}

describe('an origin as it is typed', () => {
  it('makes other prompts in the form of the run: its system message, or raw text', () => {
    const origin: OriginDraft = { ...OWN_DELTA, kind: 'prompts', others: 'One\n---\n Two \n---\n' };
    const system = { role: 'system', content: 'Be brief.' };
    const chat = (content: string) => ({ kind: 'chat', messages: [system, { role: 'user', content }] });
    expect(originsOf(draftWith(origin, { system: 'Be brief.' }))).toEqual([
      { kind: 'prompts', prompts: [chat('One'), chat('Two')] },
    ]);
    expect(originsOf(draftWith(origin, { promptKind: 'raw' }))).toEqual([
      {
        kind: 'prompts',
        prompts: [
          { kind: 'raw', text: 'One' },
          { kind: 'raw', text: 'Two' },
        ],
      },
    ]);
    expect(describeOriginDraft(origin)).toBe('mean delta of 2 other prompts');
  });

  it.each([
    ['seed', { ...OWN_DELTA, kind: 'random', seed: '' }],
    ['seed', { ...OWN_DELTA, kind: 'random', seed: '1.5' }],
    ['seed', { ...OWN_DELTA, kind: 'random', seed: '4294967296' }],
    ['others', { ...OWN_DELTA, kind: 'prompts', others: ' \n---\n' }],
    ['factor', { ...OWN_DELTA, kind: 'scaled', factor: '' }],
    ['factor', { ...OWN_DELTA, kind: 'scaled', factor: '11' }],
    ['given', { ...OWN_DELTA, kind: 'given' }],
  ] as const)('says what is wrong with %s', (field, origin) => {
    const { config, problems } = checkDraft(draftWith(origin));
    expect(config).toBeNull();
    expect([...problems.keys()]).toEqual([`lanes.0.${field}`]);
  });

  it.each([
    [
      { kind: 'random', seed: '7' },
      { kind: 'random', seed: 7 },
    ],
    [
      { kind: 'scaled', factor: '-1.5' },
      { kind: 'scaled', factor: -1.5 },
    ],
    [{ kind: 'minus' }, { kind: 'minus' }],
    [
      { kind: 'prompts', others: 'One' },
      { kind: 'prompts', prompts: [{ kind: 'raw', text: 'One' }] },
    ],
  ] as const)('is described as its run will be: %j', (part, origin) => {
    expect(describeOriginDraft({ ...OWN_DELTA, ...part })).toBe(describeOrigin(origin as DeltaOrigin));
  });

  it('is described before it is whole', () => {
    expect(describeOriginDraft({ ...OWN_DELTA, kind: 'given' })).toBe('given delta');
    const one = describeOrigin({ kind: 'prompts', prompts: [{ kind: 'raw', text: 'One' }] });
    expect(describeOriginDraft({ ...OWN_DELTA, kind: 'prompts', others: '' })).toBe(one);
  });

  it('with deltas that were learned before is described as they are', () => {
    const terms = [
      { factor: 1, source: { kind: 'run', runId: 'r-1', lane: 'slot' }, vector: VECTOR },
    ] as const;
    const { origin, name } = givenSetup('mine', [...terms]);
    expect(name).toBe('mine');
    const given: DeltaOrigin = { kind: 'given', terms: [...terms], centred: false };
    expect(originsOf(draftWith(origin))).toEqual([given]);
    expect(describeOriginDraft(origin)).toBe(describeOrigin(given));
  });

  it('of one that is given sends nothing of how to learn', () => {
    const terms = [
      { factor: 1, source: { kind: 'run', runId: 'r-1', lane: 'slot' }, vector: VECTOR },
    ] as const;
    const lane = { ...SLOT, ...givenSetup('mine', [...terms]), steps: 'x', lr: 'x' };
    const { config } = checkDraft({ ...DEFAULT_DRAFT, prompt: 'Hi', lanes: [lane] });
    expect(config?.lanes).toMatchObject([{ name: 'mine', steps: 1 }]);
  });

  it('keeps AdamW’s weight decay, or leaves it to the preset', () => {
    const lanes = [SLOT, { ...SLOT, id: 'b', name: 'b', weightDecay: '0.5' }];
    const { config } = checkDraft({ ...DEFAULT_DRAFT, prompt: 'Hi', lanes });
    expect(config!.lanes.map(({ weightDecay }) => weightDecay)).toEqual([undefined, 0.5]);
    expect(config!.lanes[0]).not.toHaveProperty('weightDecay');
    const wrong = checkDraft({ ...DEFAULT_DRAFT, prompt: 'Hi', lanes: [{ ...SLOT, weightDecay: '-1' }] });
    expect([...wrong.problems.keys()]).toEqual(['lanes.0.weightDecay']);
  });
});

describe('a run that is taken up', () => {
  const shots: Prompt = {
    kind: 'chat',
    messages: ['user', 'assistant', 'user'].map((role) => ({ role: role as 'user', content: role })),
  };
  const origins: DeltaOrigin[] = [
    ...CONTROLS.map(({ origin }) => origin),
    { kind: 'scaled', factor: -1.5 },
    { kind: 'prompts', prompts: [shots, { kind: 'raw', text: 'x' }] },
  ];
  const config = RunConfig.parse({
    prompt: { kind: 'raw', text: 'Hi' },
    lanes: origins.map((origin, i) => ({ name: `lane ${i}`, steps: 2, lr: 0.5, weightDecay: i / 8, origin })),
  });

  it('is the same run again, whole prompts of controls and weight decay with it', () => {
    const draft = { ...DEFAULT_DRAFT, ...draftOfRun(config, DEFAULT_DRAFT) };
    expect(checkDraft(draft).config!.lanes).toEqual(config.lanes);
  });

  it('has its given deltas, numbers and all', () => {
    const origin: DeltaOrigin = {
      kind: 'given',
      centred: true,
      terms: [
        { factor: 0.5, source: { kind: 'run', runId: 'r-1', lane: 'slot', step: 3 }, vector: VECTOR },
        {
          factor: -2,
          source: { kind: 'file', file: 'x.safetensors', tensor: 'delta', step: 1 },
          vector: VECTOR,
        },
      ],
    };
    const given = RunConfig.parse({
      prompt: { kind: 'raw', text: 'Hi' },
      lanes: [
        { name: 'given', steps: 1, origin },
        { name: 'centred', steps: 4, origin: { kind: 'centred' } },
      ],
    });
    const draft = { ...DEFAULT_DRAFT, ...draftOfRun(given, DEFAULT_DRAFT) };
    expect(checkDraft(draft).config!.lanes).toEqual(given.lanes);
  });

  it('shows the words of other prompts, which are the prompts once they are changed', () => {
    const origin = originDraft(origins.at(-1)!);
    expect(origin.others).toBe('user\n---\nx');
    const changed = { ...origin, others: 'y', kept: null };
    expect(originsOf(draftWith(changed, { promptKind: 'raw' }))).toEqual([
      { kind: 'prompts', prompts: [{ kind: 'raw', text: 'y' }] },
    ]);
  });

  it('remembered from before there were controls has its own delta', () => {
    const { origin: _, weightDecay: __, ...before } = SLOT;
    expect(LaneDraft.parse(before)).toEqual(SLOT);
  });
});

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
