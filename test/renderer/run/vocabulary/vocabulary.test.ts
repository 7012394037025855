/** What delta did to the vocabulary: metrics against numbers worked out by hand, order, filters, bins, rows, groups. */
import { describe, expect, it } from 'vitest';
import { rankTokens } from '../../../../renderer/run/ranking';
import { addedGroups, groupFigures } from '../../../../renderer/run/vocabulary/groups';
import {
  depthOf,
  heatmapRows,
  type TokenSeries,
  valuesByStep,
} from '../../../../renderer/run/vocabulary/heatmap';
import { histogramOf, spreadOf } from '../../../../renderer/run/vocabulary/histogram';
import { bothMasks, maskOf } from '../../../../renderer/run/vocabulary/match';
import {
  cachedOrder,
  filtered,
  Metric,
  metricValues,
  PositionColumns,
  StepColumns,
} from '../../../../renderer/run/vocabulary/metrics';
import { firstOf, orderOf, ranksOf } from '../../../../renderer/run/vocabulary/order';
import { rankEvent, rankVocabulary } from '../../../../renderer/run/vocabulary/ranked';
import { resolveWatched, toggleWatched } from '../../../../renderer/run/vocabulary/watch';
import { slotStep } from '../../run-events';

const step = new StepColumns({
  shift: Float32Array.of(1, -2, 4, 0),
  meanP: Float32Array.of(0.5, 0.125, 0.25, 0.125),
  baseMeanP: Float32Array.of(0.25, 0.5, 0.125, 0.125),
});

describe('metrics of a step', () => {
  const of = (metric: Parameters<typeof metricValues>[0]) => [
    ...(metricValues(metric, { step, position: null, answerMass: null }) ?? []),
  ];

  it('are the shift, the shift without what softmax ignores, the mass and the places', () => {
    expect(of('raw')).toEqual([1, -2, 4, 0]);
    // 0.5·1 − 0.125·2 + 0.25·4 = 1.25
    expect(step.shiftMean).toBe(1.25);
    expect(of('centred')).toEqual([-0.25, -3.25, 2.75, -1.25]);
    expect(of('mass')).toEqual([0.25, -0.375, 0.125, 0]);
    // Before: 1, 0, 2, 2. After: 0, 2, 1, 2.
    expect(of('rank')).toEqual([1, -2, 1, 0]);
  });

  it('are none before their step is read', () => {
    for (const metric of Metric.options)
      expect(metricValues(metric, { step: null, position: null, answerMass: null })).toBeNull();
  });

  it('need the answer where they are of the answer', () => {
    expect(metricValues('logprob', { step, position: null, answerMass: null })).toBeNull();
    expect(metricValues('answerMass', { step, position: null, answerMass: null })).toBeNull();
    const position = new PositionColumns({
      logprobs: Float32Array.of(-1, -2, Number.NEGATIVE_INFINITY, -0.5),
      baseLogprobs: Float32Array.of(-0.5, -3, Number.NEGATIVE_INFINITY, -1),
    });
    expect([...position.logprob]).toEqual([-0.5, 1, 0, 0.5]);
    expect([...position.answerRank]).toEqual([-1, 0, 0, 1]);
  });

  it('are worked out a little at a time before views ask for them', async () => {
    const own = new StepColumns({ shift: step.shift, meanP: step.meanP, baseMeanP: step.baseMeanP });
    let pauses = 0;
    const pause = async () => {
      pauses += 1;
    };
    expect(await own.prepare(pause)).toBe(own);
    expect(pauses).toBe(3);
    expect(own.size).toBe(4);
    for (const metric of ['centred', 'mass', 'rank'] as const) expect(own[metric]).toBe(own[metric]);
  });

  it('are all zero before the first update', () => {
    const zero = StepColumns.untouched(step);
    for (const values of [zero.shift, zero.centred, zero.mass, zero.rank])
      expect(values.every((value) => value === 0)).toBe(true);
    expect(zero.meanP).toBe(step.baseMeanP);
  });
});

describe('order', () => {
  const values = Float32Array.of(0.5, -1, Number.NaN, 3, -0, 0, -1e-30, Number.NEGATIVE_INFINITY, 3, 1e30);

  it('goes by value, then by index, with NaN last', () => {
    expect([...orderOf(values, true)]).toEqual([9, 3, 8, 0, 4, 5, 6, 1, 7, 2]);
    expect([...orderOf(values, false)]).toEqual([7, 1, 6, 4, 5, 0, 3, 8, 9, 2]);
    expect([...ranksOf(Float32Array.of(1, 3, 1, 2))]).toEqual([2, 0, 2, 1]);
  });

  it('is that of a comparison sort over 150,000 values', () => {
    const many = Float32Array.from({ length: 150_000 }, (_, i) => Math.sin(i * 12.9898) * 43758.5453);
    const expected = Array.from(many.keys()).sort((a, b) => many[a]! - many[b]! || a - b);
    expect(Array.from(orderOf(many, false))).toEqual(expected);
  });

  it('is kept, and filtered without a new one', () => {
    expect(cachedOrder(step.shift, true)).toBe(cachedOrder(step.shift, true));
    expect([...cachedOrder(step.shift, false)]).toEqual([1, 3, 0, 2]);
    expect(cachedOrder(step.shift, false)).toBe(cachedOrder(step.shift, false));
    expect(filtered(cachedOrder(step.shift, true), null)).toBe(cachedOrder(step.shift, true));
    const mask = maskOf([0, 1, 99], 4);
    expect([...filtered(cachedOrder(step.shift, true), mask)]).toEqual([0, 1]);
    expect(bothMasks(null, mask)).toBe(mask);
    expect([...(bothMasks(mask, maskOf([1, 2], 4)) ?? [])]).toEqual([0, 1, 0, 0]);
  });
});

describe('the first of an order', () => {
  it('are found without sorting, as the whole order has them', () => {
    const values = Float32Array.from({ length: 500 }, (_, id) => ((id * 7919) % 61) - 30);
    values[17] = Number.NEGATIVE_INFINITY;
    values[300] = Number.POSITIVE_INFINITY;
    const mask = Uint8Array.from(values, (_, id) => (id % 3 === 0 ? 0 : 1));
    for (const descending of [true, false]) {
      const order = [...orderOf(values, descending)];
      for (const most of [0, 1, 20, 499, 500, 1000]) {
        expect(firstOf(values, descending, null, most)).toEqual(order.slice(0, most));
        expect(firstOf(values, descending, mask, most)).toEqual(
          order.filter((id) => mask[id] === 1).slice(0, most),
        );
      }
    }
    expect(firstOf(Float32Array.of(Number.NaN, -0, 0, 1), true, null, 3)).toEqual([3, 1, 2]);
  });
});

describe('the most moved', () => {
  const values = Float32Array.of(3, -1, 0.5, -4, 2);
  const tokens = ['a', 'b', 'c', 'd', 'e'];
  const ids = (mask: Uint8Array | null, most: number) => {
    const { up, down } = rankVocabulary(values, tokens, mask, most);
    return [up, down].map((list) => list.map(({ id }) => id));
  };

  it('stand in one list each, as many as were asked for or there are', () => {
    expect(ids(null, 10)).toEqual([
      [0, 4, 2],
      [3, 1],
    ]);
    expect(ids(null, 1)).toEqual([[0], [3]]);
    expect(ids(Uint8Array.of(1, 1, 0, 0, 1), 10)).toEqual([[0, 4], [1]]);
    expect(rankVocabulary(values, tokens, null, 1)).toEqual({
      up: [{ id: 0, token: 'a', value: 3 }],
      down: [{ id: 3, token: 'd', value: -4 }],
    });
  });

  it('are those of the event for the metrics that it carries', () => {
    for (const metric of ['raw', 'centred', 'mass'] as const)
      expect(rankEvent(slotStep(0, 3), metric)).toEqual(rankTokens(slotStep(0, 3), metric));
    expect(rankEvent(slotStep(0, 3), 'rank')).toBeNull();
    expect(rankEvent(slotStep(0, 3), 'logprob')).toBeNull();
  });
});

describe('spread', () => {
  it('counts every finite value once, the greatest too', () => {
    const histogram = histogramOf(Float32Array.of(0, 1, 2, 3, 4, Number.NaN), 4);
    expect(histogram).toMatchObject({ low: 0, high: 4, mean: 2, counts: [1, 1, 1, 2] });
    expect(histogram.sigma).toBeCloseTo(Math.SQRT2, 12);
    expect(histogramOf(Float32Array.of(5, 5), 3).counts).toEqual([2, 0, 0]);
    expect(histogramOf(Float32Array.of(10, 10.5, 11, 12), 4).counts).toEqual([1, 1, 1, 1]);
    expect(histogramOf(Float32Array.of(-0.5, -0.1, 0.5), 2).counts).toEqual([2, 1]);
    expect(spreadOf([])).toEqual({ low: 0, high: 0, mean: 0, sigma: 0 });
  });

  it('of a group are its members alone', () => {
    const figures = groupFigures({ name: 'g', ids: [0, 2] }, step.shift, step);
    expect(figures).toEqual({
      name: 'g',
      count: 2,
      mean: 2.5,
      sigma: 1.5,
      low: 1,
      high: 4,
      massMoved: 0.375,
    });
    const definitions = [
      { name: 'g', words: ['x'] },
      { name: 'h', words: ['y'] },
    ];
    expect(addedGroups([{ name: 'g' }], [definitions[0]!], definitions)).toEqual([definitions[1]]);
    // Changed since the run, and named like a built-in group.
    const later = [
      { name: 'g', words: ['z'] },
      { name: 'digits', words: ['one'] },
    ];
    expect(
      addedGroups([{ name: 'digits' }, { name: 'g' }], [definitions[0]!], later).map(({ name }) => name),
    ).toEqual(['g (changed)', 'digits (own)']);
  });
});

describe('figures by step', () => {
  const series: TokenSeries = {
    id: 3,
    first: 2,
    shiftMean: Float32Array.of(0.5, 1),
    shift: Float32Array.of(2, 3),
    meanP: Float32Array.of(0.25, 0.5),
    rank: Float32Array.of(4, 1),
    baseMeanP: 0.125,
    baseRank: 6,
  };

  it('begin at zero and leave out what was not kept', () => {
    expect(valuesByStep(series, 'raw', 3)).toEqual([0, null, 2, 3]);
    expect(valuesByStep(series, 'centred', 3)).toEqual([0, null, 1.5, 2]);
    expect(valuesByStep(series, 'mass', 3)).toEqual([0, null, 0.125, 0.375]);
    expect(valuesByStep(series, 'rank', 3)).toEqual([0, null, 2, 5]);
  });

  it('are drawn for the most moved and the watched, each once', () => {
    const values = Float32Array.of(5, -5, 0, 1, 5);
    expect(heatmapRows([0, 4], [1], [3, 1], values)).toEqual([0, 4, 3, 1]);
    expect([depthOf(4, 4), depthOf(-1, 4), depthOf(0, 4), depthOf(1, 0)]).toEqual([1, -0.5, 0, 0]);
  });
});

describe('watched tokens', () => {
  const think = { model: 'm', id: 1, token: ' think' };

  it('are of one model, put on and taken off', () => {
    const both = toggleWatched([{ ...think, model: 'other' }], think);
    expect(both).toHaveLength(2);
    expect(toggleWatched(both, think)).toEqual([{ ...think, model: 'other' }]);
  });

  it('are found by text where the numbers have changed', () => {
    expect(resolveWatched([think], 'm', ['x', ' think'])).toEqual([think]);
    expect(resolveWatched([think], 'm', [' think', 'x'])).toEqual([{ ...think, id: 0 }]);
    expect(resolveWatched([think], 'm', ['x', 'y'])).toEqual([]);
    // Of several tokens of one text it stays the one that it is.
    expect(resolveWatched([think], 'm', [' think', ' think'])).toEqual([think]);
    expect(resolveWatched([think], 'm', null)).toEqual([think]);
    expect(resolveWatched([think], 'other', null)).toEqual([]);
  });
});
