/** From steps, rates and switches in the form to the lanes of an evaluation. */
import { describe, expect, it } from 'vitest';
import { gridLanes } from '../../../engine/cli/eval-lanes';
import { DEFAULT_EVALUATION, EvaluationDraft } from '../../../renderer/state/evaluations/draft';
import { readRates, readSteps } from '../../../renderer/state/evaluations/lanes';
import { check, names } from './form';

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
});
