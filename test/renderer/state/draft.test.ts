/** What is typed against what a run takes, by the contract's own schemas. */
import { describe, expect, it } from 'vitest';
import { RunConfig, type RunConfigInput } from '../../../engine/protocol';
import { allowedNumbers, checkDraft, DEFAULT_DRAFT, type Draft } from '../../../renderer/state/draft';
import { draftOfRun } from '../../../renderer/state/draft-of-run';
import { draftGroups } from '../../../renderer/state/group-draft';
import { inputId, runObstacle } from '../../../renderer/state/run-reasons';

const good: Draft = { ...DEFAULT_DRAFT, prompt: 'Two and two?' };
const READY = { state: 'ready', detail: '', silentSince: null } as const;

function withLane(part: Partial<Draft['lanes'][number]>): Draft {
  return { ...good, lanes: good.lanes.map((lane) => (lane.id === 'slot' ? { ...lane, ...part } : lane)) };
}

describe('a valid draft', () => {
  it('becomes a run of a baseline and a SLOT lane', () => {
    const { config, problems } = checkDraft(good);
    expect(problems.size).toBe(0);
    expect(config).toMatchObject({
      model: { folder: null, dtype: null, memorySaver: false },
      prompt: { kind: 'chat', messages: [{ role: 'user', content: 'Two and two?' }] },
      lanes: [
        { name: 'baseline', steps: 0 },
        { name: 'slot', steps: 5, lr: 0.1, preset: 'transformers' },
      ],
      generation: { maxNewTokens: 256, temperature: 0, topP: 1, seed: 0, ignoreEos: false },
      groups: [],
      listLength: 20,
    });
  });

  it('sends the system prompt in a chat only, and the text as it was typed', () => {
    const draft: Draft = { ...good, system: 'Be brief.', prompt: '  spaced ' };
    expect(checkDraft(draft).config?.prompt).toEqual({
      kind: 'chat',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: '  spaced ' },
      ],
    });
    expect(checkDraft({ ...draft, promptKind: 'raw' }).config?.prompt).toEqual({
      kind: 'raw',
      text: '  spaced ',
    });
  });

  it('draws samples where more than one is asked for', () => {
    const sampled = (samples: string, temperature: string) =>
      checkDraft({ ...good, generation: { ...good.generation, samples, temperature } });
    expect(sampled('8', '0.7').config).toMatchObject({ samples: 8, generation: { temperature: 0.7 } });
    expect(sampled('1', '0').config).not.toHaveProperty('samples');
    expect(sampled('8', '0').problems.get('samples')).toBe(
      '8 samples at temperature 0 would all be the same: set a temperature above 0.',
    );
    expect(sampled('300', '1').problems.get('samples')).toBe('Must be a whole number from 1 to 256.');
  });

  it('reads groups of the user and skips rows left empty', () => {
    const groups = [
      { name: ' links ', words: 'so, thus ,, then' },
      { name: '', words: '' },
    ];
    expect(checkDraft({ ...good, groups }).config?.groups).toEqual([
      { name: 'links', words: ['so', 'thus', 'then'] },
    ]);
  });
});

describe('a run’s settings, taken up', () => {
  const common = {
    lanes: [
      { name: 'baseline', steps: 0 },
      { name: 'slot', steps: 7, lr: 0.35, preset: 'vllm' },
    ],
    generation: {
      maxNewTokens: 33,
      temperature: 0.7,
      topP: 0.9,
      seed: 4_294_967_295,
      ignoreEos: true,
      stops: ['Question:', '\n\n', ' a\nb '],
    },
    groups: [
      { name: 'words', words: ['so', 'then'] },
      { name: 'pattern', words: [], pattern: '^x+$', flags: 'i' },
    ],
    listLength: 12,
  };
  it.each<[string, RunConfigInput['prompt']]>([
    ['a chat', { kind: 'chat', messages: [{ role: 'user', content: 'Two and two?' }] }],
    [
      'a chat with a system prompt',
      {
        kind: 'chat',
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Two and two?' },
        ],
      },
    ],
    ['a raw text', { kind: 'raw', text: ' Once ' }],
  ])('make the same run again: %s', (_, prompt) => {
    const run = RunConfig.parse({ ...common, prompt });
    const other: Draft = { ...good, generation: { ...good.generation, seed: '5', temperature: '1' } };
    const taken = { ...other, ...draftOfRun(run, other) };
    expect(checkDraft(taken).config).toEqual(run);
  });
});

describe('bad input', () => {
  it.each([
    ['5000', 'Must be a whole number from 0 to 1000.'],
    ['-1', 'Must be a whole number from 0 to 1000.'],
    ['2.5', 'Must be a whole number from 0 to 1000.'],
    ['', 'Must be a whole number from 0 to 1000.'],
    ['five', 'Not a number; must be a whole number from 0 to 1000.'],
    ['Infinity', 'Must be a whole number from 0 to 1000.'],
  ])('steps %j', (steps, problem) => {
    const { config, problems } = checkDraft(withLane({ steps }));
    expect(config).toBeNull();
    expect(problems.get('lanes.1.steps')).toBe(problem);
  });

  it.each(['0', '-0.1', '101', '0,1', 'NaN'])('lr %j', (lr) => {
    expect(checkDraft(withLane({ lr })).problems.get('lanes.1.lr')).toMatch(/number above 0, at most 100/);
  });

  it('an empty prompt, and half a group', () => {
    expect(checkDraft({ ...good, prompt: ' \n' }).problems.get('prompt')).toBe('Write a prompt first.');
    const { problems } = checkDraft({ ...good, groups: [{ name: '', words: 'so' }] });
    expect(problems.get('groups.0.name')).toBe('Give the group a name.');
  });

  it('lanes without a name, or with one that is taken', () => {
    expect(checkDraft(withLane({ name: ' ' })).problems.get('lanes.1.name')).toBe('Give the lane a name.');
    const { problems } = checkDraft(withLane({ name: 'baseline ' }));
    expect(problems.get('lanes.1.name')).toBe('Another lane has this name.');
    expect(problems.has('lanes.0.name')).toBe(false);
  });

  it('says what is allowed from the schemas', () => {
    expect(allowedNumbers('topP')).toBe('number above 0, at most 1');
    expect(allowedNumbers('seed')).toBe('whole number from 0 to 4294967295');
  });
});

describe('why a run cannot start', () => {
  it('is nothing where all is well', () => {
    expect(runObstacle(checkDraft(good), READY)).toBeNull();
    // A request starts the engine anew.
    expect(runObstacle(checkDraft(good), { state: 'exited', detail: '', silentSince: null })).toBeNull();
  });

  it('names the field and where it is', () => {
    const obstacle = runObstacle(checkDraft(withLane({ steps: '5000' })), READY);
    expect(obstacle?.reason).toBe('Steps: must be a whole number from 0 to 1000.');
    expect(obstacle?.field && inputId(obstacle.field)).toBe('field-lanes-1-steps');
  });

  it('names lanes and groups apart, and is no fault of the user’s while there is no prompt', () => {
    const obstacleOf = (draft: Draft) => runObstacle(checkDraft(draft), READY);
    expect(obstacleOf(withLane({ name: '' }))).toEqual({
      reason: 'Lane name: give the lane a name.',
      field: 'lanes.1.name',
      isWrong: true,
    });
    expect(obstacleOf({ ...good, groups: [{ name: '', words: 'so' }] })?.reason).toBe(
      'Group name: give the group a name.',
    );
    expect(obstacleOf({ ...good, prompt: '' })).toEqual({
      reason: 'Write a prompt first.',
      field: 'prompt',
      isWrong: false,
    });
  });

  it('is the connection that is not there yet, which is no fault either', () => {
    const connecting = { state: 'connecting', detail: '', silentSince: null } as const;
    expect(runObstacle(checkDraft(good), connecting)).toMatchObject({ field: null, isWrong: false });
  });

  it('is the connection where there is none', () => {
    expect(runObstacle(checkDraft(good), { state: 'lost', detail: '', silentSince: null })?.reason).toMatch(
      /No connection/,
    );
  });
});

describe('what no field is to blame for', () => {
  it('is said with its place', () => {
    const modelChoice = { ...good.modelChoice, folder: `/${'x'.repeat(40_000)}` };
    const { config, settings, problems } = checkDraft({ ...good, modelChoice });
    expect([config, settings]).toEqual([null, null]);
    expect(problems.get('config')).toMatch(/^model\.folder: \S/);
  });
});

describe('groups that are typed', () => {
  it('are followed as far as they are well written', () => {
    const groups = [
      { name: 'links', words: 'so, thus' },
      { name: '', words: 'half' },
      { name: 'broken', words: '/(/' },
      { name: 'x'.repeat(81), words: 'so' },
      { name: '', words: '' },
    ];
    expect(draftGroups(groups).map(({ name }) => name)).toEqual(['links']);
    expect(checkDraft({ ...good, groups }).problems.get('groups.3.name')).toBe('At most 80 characters.');
  });

  it('have names of their own', () => {
    const groups = ['links', ' links '].map((name) => ({ name, words: 'so' }));
    expect([...checkDraft({ ...good, groups }).problems]).toEqual([
      ['groups.1.name', 'Another group has this name.'],
    ]);
  });

  it('come back from a run, and one empty row where it had none', () => {
    const groups = [{ name: 'links', words: 'so, thus' }];
    const { config } = checkDraft({ ...good, groups });
    expect(draftOfRun(config!, DEFAULT_DRAFT).groups).toEqual(groups);
    expect(draftOfRun({ ...config!, groups: [] }, good).groups).toEqual([{ name: '', words: '' }]);
  });
});
