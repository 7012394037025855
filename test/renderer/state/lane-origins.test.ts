/** What a lane’s delta comes from, in the form: what is typed, what it makes of a run, and a run taken up again. */
import { describe, expect, it } from 'vitest';
import { CONTROLS, type DeltaOrigin, describeOrigin, type Prompt, RunConfig } from '../../../engine/protocol';
import { checkDraft, DEFAULT_DRAFT, type Draft } from '../../../renderer/state/draft';
import { draftOfRun } from '../../../renderer/state/draft-of-run';
import { givenSetup } from '../../../renderer/state/given-lane';
import {
  describeOriginDraft,
  type OriginDraft,
  OWN_DELTA,
  originDraft,
} from '../../../renderer/state/lane-origin';
import { DEFAULT_LANES, LaneDraft } from '../../../renderer/state/lanes';

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
