/** From what is typed in the form to an evaluation, and what is said of fields that are wrong. */
import { describe, expect, it } from 'vitest';
import { checkEvaluation } from '../../../renderer/state/evaluations/check';
import { DEFAULT_EVALUATION, EvaluationDraft } from '../../../renderer/state/evaluations/draft';
import { check, MODEL, OPTIONS } from './form';

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
