/** From what is typed in the form to an evaluation, and what is said of fields that are wrong. */
import { describe, expect, it } from 'vitest';
import { gridLanes } from '../../../engine/cli/eval-lanes';
import { evaluationOptions } from '../../../engine/evaluate/options';
import { checkEvaluation } from '../../../renderer/state/evaluations/check';
import { DEFAULT_EVALUATION, EvaluationDraft } from '../../../renderer/state/evaluations/draft';
import { readRates, readSteps } from '../../../renderer/state/evaluations/lanes';

const MODEL = { folder: '', dtype: '', device: 'cpu', memorySaver: false, arithmetic: 'exact' } as const;
const OPTIONS = evaluationOptions();
const check = (part: Partial<EvaluationDraft> = {}) =>
  checkEvaluation({ ...DEFAULT_EVALUATION, ...part }, MODEL, OPTIONS);
const names = (part: Partial<EvaluationDraft>) => check(part).config?.lanes.map(({ name }) => name);

describe('steps and rates', () => {
  it.each([
    ['5', [5]],
    ['0..3', [0, 1, 2, 3]],
    ['1, 3,5', [1, 3, 5]],
    ['0..2, 2, 7', [0, 1, 2, 7]],
    ['', null],
    ['200..300', Array.from({ length: 101 }, (_, at) => 200 + at)],
    ['744..1000', Array.from({ length: 257 }, (_, at) => 744 + at)],
    ['1 ..3', [1, 2, 3]],
    ['x1..3', null],
    ['1..3x', null],
    ['five', null],
    ['5..1', null],
    ['3, 5..1', null],
    ['0..257', null],
    ['-1', null],
    ['1.5', null],
    ['1001', null],
  ])('steps %j', (text, steps) => {
    expect(readSteps(text)).toEqual(steps);
  });

  it.each([
    ['0.1', [0.1]],
    ['0.01, 1e-3 0.1', [0.01, 0.001, 0.1]],
    ['0', null],
    ['0.1, x', null],
    ['', null],
    ['101', null],
  ])('rates %j', (text, rates) => {
    expect(readRates(text)).toEqual(rates);
  });
});

describe('the form', () => {
  it('is an evaluation as it stands at first', () => {
    const { config, problems } = check();
    expect(problems.size).toBe(0);
    expect(config).toMatchObject({
      dataset: { kind: 'named', name: 'starter', split: null },
      form: { kind: 'preset', name: 'starter' },
      selection: { limit: 20, shuffle: null },
      lanes: [
        { name: 'baseline', steps: 0 },
        { name: 'slot:5x0.1', steps: 5, lr: 0.1, origin: { kind: 'own' } },
      ],
      graders: [{ name: 'number' }, { name: 'paper' }],
      generation: { maxNewTokens: 128, temperature: 0, topP: 1, seed: 0 },
      sweep: null,
    });
  });

  it('has a lane for every step count and rate, named as on the command line', () => {
    expect(names({ steps: '0..2', lr: '0.1, 1', preset: 'vllm', weightDecay: '0.01' })).toEqual([
      'baseline',
      'slot:1x0.1/vllm/wd0.01',
      'slot:2x0.1/vllm/wd0.01',
      'slot:1x1/vllm/wd0.01',
      'slot:2x1/vllm/wd0.01',
    ]);
  });

  it('has every preset and weight decay with every step count and rate, as the command line sweeps them', () => {
    const sweep = { mode: 'sweep', preset: 'both', weightDecay: '0, 0.1', steps: '5', lr: '0.1, 1' } as const;
    const { lanes } = check(sweep).config!;
    const line = { presets: 'transformers,vllm', weightDecay: '0,0.1', steps: '5', lr: '0.1,1' };
    expect(lanes.map(({ name }) => name)).toEqual(gridLanes(line).map(({ name }) => name));
    expect(lanes[0]).toMatchObject({ name: 'baseline', steps: 0 });
    expect(lanes.at(-1)).toMatchObject({ preset: 'vllm', weightDecay: 0.1, steps: 5, lr: 1 });
    expect(lanes).toHaveLength(9);
    expect(check({ weightDecay: '0.1, x' }).problems.get('weightDecay')).toContain('by commas');
  });

  it('learns from the tokens that are named, in every lane and in the names', () => {
    expect(names({ scope: 'last-user', steps: '5', lr: '0.1' })).toEqual([
      'baseline',
      'slot:5x0.1/last-user',
    ]);
    expect(names({ scope: 'tokens:2-5,9' })).toEqual(['baseline', 'slot:5x0.1/tokens:2-5+9']);
    expect(check({ scope: 'from:3' }).config?.lanes[1]?.scope).toEqual({ kind: 'from', first: 2 });
    expect(check({ scope: ' ' }).config?.lanes[1]).not.toHaveProperty('scope');
    expect(check({ scope: 'whole' }).config?.lanes[1]).not.toHaveProperty('scope');
    const controls = check({ scope: 'user', withControls: true }).config?.lanes.slice(2);
    expect(controls?.every(({ scope }) => scope?.kind === 'user')).toBe(true);
  });

  it('remembers a form from before scopes', () => {
    const { scope: _, ...older } = DEFAULT_EVALUATION;
    expect(EvaluationDraft.parse(older).scope).toBe('');
  });

  it('adds the controls of every SLOT lane with one switch', () => {
    const { config } = check({ withControls: true, meanOf: '7' });
    expect(config?.lanes.slice(2).map(({ name, steps, origin }) => [name, steps, origin])).toEqual([
      ['random 1', 5, { kind: 'random', seed: 1 }],
      ['random 2', 5, { kind: 'random', seed: 2 }],
      ['random 3', 5, { kind: 'random', seed: 3 }],
      ['minus', 5, { kind: 'minus' }],
      ['template', 5, { kind: 'template' }],
      ['temperature', 5, { kind: 'temperature' }],
      ['other', 5, { kind: 'other' }],
      ['mean', 5, { kind: 'mean', problems: 7 }],
    ]);
    expect(names({ withControls: true, meanOf: '' })).not.toContain('mean');
    expect(names({ withControls: true, steps: '1,5' })).toContain('minus of slot:1x0.1');
    expect(names({ withControls: true, mode: 'sweep', steps: '1,5' })).toHaveLength(3);
  });

  it('sweeps over halves of the problems unless told otherwise', () => {
    expect(check({ mode: 'sweep' }).config?.sweep).toEqual({ split: true });
    expect(check({ mode: 'sweep', halves: false }).config?.sweep).toEqual({ split: false });
    expect([...check({ mode: 'sweep', steps: '0' }).problems.keys()]).toEqual(['steps']);
  });

  it('takes what is usual for the data, and what is chosen in its place', () => {
    expect(check({ data: 'gsm8k' }).config).toMatchObject({
      form: { name: 'slot-gsm8k' },
      generation: { maxNewTokens: 512 },
    });
    const own = check({ data: 'gsm8k', form: 'bare', graders: ['exact'], maxNewTokens: '64' }).config;
    expect(own).toMatchObject({
      form: { name: 'bare' },
      graders: [{ name: 'exact' }],
      generation: { maxNewTokens: 64 },
    });
  });

  it('takes neither length nor graders of the data for a form of one’s own, or while no data set is known', () => {
    const own = { ...DEFAULT_EVALUATION.own, user: 'Q: {{question}}', system: ' ', stops: 'Q:\n\n\\n\\n' };
    expect(check({ data: 'gsm8k', form: 'own', own }).config).toMatchObject({
      form: { kind: 'template', system: null, user: 'Q: {{question}}', stops: ['Q:', '\n\n'] },
      generation: { maxNewTokens: 256 },
    });
    const formal = check({ form: 'own', own: { ...own, system: 'Be brief.' } }).config;
    expect(formal?.form).toMatchObject({ system: 'Be brief.' });
    const unknown = checkEvaluation(DEFAULT_EVALUATION, MODEL, null);
    expect(unknown).toMatchObject({
      config: null,
      usual: { form: 'bare', graders: ['number'], maxNewTokens: 256 },
    });
    expect(unknown.problems.size).toBe(0);
    const older = checkEvaluation(DEFAULT_EVALUATION, MODEL, { ...OPTIONS, forms: [] });
    expect(older.usual).toMatchObject({ form: 'starter', maxNewTokens: 256 });
  });

  it('takes fractions where they have a meaning, and a split by its name', () => {
    const config = check({ temperature: '0.7', topP: '0.95', seed: '7', split: ' test_2 ' }).config;
    expect(config).toMatchObject({
      dataset: { split: 'test_2' },
      generation: { temperature: 0.7, topP: 0.95, seed: 7 },
    });
  });

  it('leaves out what is empty between commas', () => {
    const file = { ...DEFAULT_EVALUATION.file, path: '/data/mine.csv', choices: 'a, ,b,' };
    expect(check({ data: 'file', file }).config?.dataset).toMatchObject({ columns: { choices: ['a', 'b'] } });
    const none = check({ data: 'file', file: { ...file, choices: ' , ' } }).config?.dataset;
    expect(none?.kind === 'file' && none.columns).not.toHaveProperty('choices');
    const one = { ...file, choices: 'all,' };
    expect(check({ data: 'file', file: one }).config?.dataset).toMatchObject({ columns: { choices: 'all' } });
  });

  it('reads a file by its columns', () => {
    const file = { ...DEFAULT_EVALUATION.file, path: ' /data/mine.csv ', choices: 'a, b', subject: 'kind' };
    expect(check({ data: 'file', file }).config?.dataset).toEqual({
      kind: 'file',
      path: '/data/mine.csv',
      format: null,
      columns: { question: 'question', answer: 'answer', choices: ['a', 'b'], subject: 'kind' },
      goldAfter: null,
      skipBroken: false,
    });
  });

  it.each([
    [{ steps: 'x' }, 'steps'],
    [{ lr: '' }, 'lr'],
    [{ lr: '', mode: 'sweep' }, 'lr'],
    [{ scope: 'tokens:0' }, 'scope'],
    [{ scope: 'everything' }, 'scope'],
    [{ limit: '0' }, 'limit'],
    [{ samples: '2.5' }, 'samples'],
    [{ temperature: 'warm' }, 'temperature'],
    [{ rows: '65' }, 'rows'],
    [{ data: 'file' }, 'path'],
    [{ split: 'a b' }, 'split'],
    [{ graders: [] }, 'graders'],
    [{ graders: ['regex'] }, 'pattern'],
    [{ form: 'own', own: { ...DEFAULT_EVALUATION.own, user: 'no place' } }, 'user'],
    [{ withControls: true, meanOf: 'many' }, 'meanOf'],
    [{ withControls: true, steps: '1..40' }, 'steps'],
  ] as const)('says what is wrong with %j', (part, field) => {
    const { config, problems } = check(part as Partial<EvaluationDraft>);
    expect(config).toBeNull();
    expect([...problems.keys()]).toEqual([field]);
  });

  it('names the columns of a file that are not called as usual, and what stands before its answers', () => {
    const file = {
      ...DEFAULT_EVALUATION.file,
      path: '/data/mine.csv',
      question: ' q ',
      answer: ' a ',
      system: ' s ',
      id: ' key ',
      goldAfter: '####',
      skipBroken: true,
    };
    expect(check({ data: 'file', file }).config?.dataset).toMatchObject({
      columns: { question: 'q', answer: 'a', system: 's', id: 'key' },
      goldAfter: '####',
      skipBroken: true,
    });
    const unnamed = { ...file, question: ' ', answer: '', system: ' ' };
    const columns = { question: 'question', answer: 'answer', id: 'key' };
    expect(check({ data: 'file', file: unnamed }).config?.dataset).toMatchObject({ columns });
  });

  it('takes the pattern of the regex grader with it', () => {
    const graders: EvaluationDraft['graders'] = ['number', 'regex'];
    expect(check({ graders, pattern: '= (.+)' }).config?.graders).toEqual([
      { name: 'number' },
      { name: 'regex', pattern: '= (.+)' },
    ]);
  });

  it('takes a selection, samples and rows, and says the bounds of a number', () => {
    const config = check({ limit: ' ', shuffle: '3', samples: '4', rows: '2' }).config;
    expect(config).toMatchObject({ selection: { limit: null, shuffle: 3 }, samples: 4, rows: 2 });
    const whole = 'Must be a whole number from 1 to 64.';
    expect(check({ samples: '65' }).problems.get('samples')).toBe(whole);
    expect(check({ samples: ' ' }).problems.get('samples')).toBe(whole);
    expect(check({ topP: '1.1' }).problems.get('topP')).toBe('Must be a number from 0 to 1.');
  });

  it('says with its place what is wrong as a whole', () => {
    const file = { ...DEFAULT_EVALUATION.file, path: `/${'x'.repeat(40_000)}` };
    const { config, problems } = check({ data: 'file', file });
    expect(config).toBeNull();
    expect(problems.get('whole')).toMatch(/^dataset\.path: \S/);
  });

  it('asks the model of the top bar, or another one', () => {
    const chosen = { ...MODEL, folder: '/models/top', dtype: 'q4', arithmetic: 'fast' } as const;
    const config = (model: EvaluationDraft['model']) =>
      checkEvaluation({ ...DEFAULT_EVALUATION, model }, chosen, OPTIONS).config?.model;
    expect(config(null)).toMatchObject({ folder: '/models/top', dtype: 'q4', arithmetic: 'fast' });
    expect(config({ folder: '/models/other', dtype: '' })).toMatchObject({
      folder: '/models/other',
      dtype: null,
      arithmetic: 'exact',
    });
  });

  it('outlives a reload as it was typed', () => {
    expect(EvaluationDraft.parse(JSON.parse(JSON.stringify(DEFAULT_EVALUATION)))).toEqual(DEFAULT_EVALUATION);
  });
});
