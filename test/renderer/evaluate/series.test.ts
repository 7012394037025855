/** Lanes of a summary as curves over steps, and as a sweep's grid. */
import { describe, expect, it } from 'vitest';
import type { EvaluationLane, LaneSummary } from '../../../engine/protocol';
import { stepSeries, sweepGrids } from '../../../renderer/evaluate/results/series';

const rate = { of: 10, count: 5, rate: 0.5, lower: 0.24, upper: 0.76 };
const summary = (
  name: string,
  lane: Partial<EvaluationLane>,
  more: Partial<LaneSummary> = {},
): LaneSummary => ({
  lane: { name, preset: 'transformers', steps: 5, lr: 0.1, origin: { kind: 'own' }, ...lane },
  selected: false,
  half: 'all',
  answers: 10,
  failed: 0,
  passAt: [],
  graders: [{ grader: 'number', right: rate, undecided: 0, versus: null }],
  strict: rate,
  lenient: rate,
  rightGivenStrict: rate,
  meanTokens: 20,
  tokensVersus: null,
  cut: rate,
  loops: rate,
  unchanged: null,
  loss: null,
  ...more,
});
const BASELINE = summary('baseline', { steps: 0 });

describe('curves over steps', () => {
  it('begin with the baseline and join lanes that differ by steps alone', () => {
    const lanes = [
      BASELINE,
      summary('five', { steps: 5 }),
      summary('one', { steps: 1 }),
      summary('fast', { steps: 5, lr: 1 }),
      summary('minus', { origin: { kind: 'minus' } }),
    ];
    const drawn = stepSeries(lanes).map(({ name, points }) => [name, points.map(({ lane }) => lane.name)]);
    expect(drawn).toEqual([
      ['lr 0.1, transformers', ['baseline', 'one', 'five']],
      ['lr 1, transformers', ['baseline', 'fast']],
    ]);
  });

  it('are of the half that a sweep chooses on', () => {
    const lanes = [
      summary('baseline', { steps: 0 }, { half: 'choose' }),
      summary('slot', {}, { half: 'choose' }),
      summary('baseline', { steps: 0 }, { half: 'report' }),
      summary('slot', {}, { half: 'report' }),
    ];
    const [series] = stepSeries(lanes);
    expect(series?.points.map(({ half }) => half)).toEqual(['choose', 'choose']);
  });

  it('are none where nothing was adapted', () => {
    expect(stepSeries([BASELINE])).toEqual([]);
    expect(stepSeries([BASELINE, summary('minus', { origin: { kind: 'minus' } })])).toEqual([]);
  });
});

describe('a grid', () => {
  it('has a row for each rate and a column for each step count, with holes where there is no lane', () => {
    const lanes = [
      BASELINE,
      summary('b', { steps: 5, lr: 1 }),
      summary('a', { steps: 1, lr: 0.1 }),
      summary('c', { steps: 1, lr: 1 }, { selected: true }),
      summary('c', { steps: 1, lr: 1 }, { selected: true, half: 'report' }),
    ];
    const [grid, ...others] = sweepGrids(lanes);
    expect(others).toEqual([]);
    expect(grid?.name).toBe('');
    expect(grid?.steps).toEqual([1, 5]);
    expect(grid?.rows.map(({ lr, cells }) => [lr, ...cells.map((cell) => cell?.lane.name ?? null)])).toEqual([
      [0.1, 'a', null],
      [1, 'c', 'b'],
    ]);
  });

  it('is none of one rate', () => {
    expect(sweepGrids([BASELINE, summary('a', { steps: 1 }), summary('b', { steps: 2 })])).toEqual([]);
  });

  it('is one for each preset and weight decay, so that no lane hides another of the same steps and rate', () => {
    const lanes = [
      BASELINE,
      ...[0.1, 1].flatMap((lr) => [
        summary(`t${lr}`, { steps: 1, lr }),
        summary(`v${lr}`, { steps: 1, lr, preset: 'vllm' }),
        summary(`w${lr}`, { steps: 1, lr, preset: 'vllm', weightDecay: 0.1 }),
      ]),
    ];
    const grids = sweepGrids(lanes);
    expect(
      grids.map(({ name, rows }) => [
        name,
        ...rows.flatMap(({ cells }) => cells.map((cell) => cell?.lane.name)),
      ]),
    ).toEqual([
      ['transformers', 't0.1', 't1'],
      ['vllm', 'v0.1', 'v1'],
      ['vllm, weight decay 0.1', 'w0.1', 'w1'],
    ]);
  });
});
