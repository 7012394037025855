/** What the comparison of two lanes works out: settings, pairs of tokens, correlation, extremes, where answers part. */
import { describe, expect, it } from 'vitest';
import type { RunSummary } from '../../../engine/protocol';
import { chooseComparison } from '../../../renderer/compare/choose-comparison';
import { finalFigures } from '../../../renderer/compare/final-figures';
import { firstDifference } from '../../../renderer/compare/first-difference';
import { listedShifts, wholeShifts } from '../../../renderer/compare/measures';
import { correlation, extremes, pairTokens, rangeOf, scatterOf } from '../../../renderer/compare/scatter';
import { diffSettings } from '../../../renderer/compare/settings-diff';
import { reduceEvents } from '../../../renderer/run/reduce-run';
import { EMPTY_RUN, type LaneView, type RunView } from '../../../renderer/run/run-view';
import { ticks } from '../../../renderer/run/ticks';
import { StepColumns } from '../../../renderer/run/vocabulary/metrics';
import { COMPLETE_RUN, CONFIG, slotStep } from '../run-events';

const VIEW = reduceEvents(EMPTY_RUN, COMPLETE_RUN);
const lane = (name: string, view = VIEW): LaneView => view.lanes.find((each) => each.name === name)!;
const floats = (...values: number[]) => Float32Array.from(values);

describe('settings', () => {
  it('are the same for the same lane', () => {
    const { differing, same } = diffSettings(
      { view: VIEW, lane: lane('slot') },
      { view: VIEW, lane: lane('slot') },
    );
    expect(differing).toEqual([]);
    expect(same.map(({ name }) => name)).toContain('learning rate');
  });

  it('name what differs, and leave out what has no effect', () => {
    const other: RunView = {
      ...VIEW,
      config: { ...CONFIG, generation: { ...CONFIG.generation, temperature: 0.7, seed: 3 } },
    };
    const changed: LaneView = { ...lane('slot'), settings: { ...lane('slot').settings, steps: 9 } };
    expect(
      diffSettings({ view: VIEW, lane: lane('slot') }, { view: other, lane: changed }).differing,
    ).toEqual([
      { name: 'steps', a: '2', b: '9' },
      { name: 'temperature', a: '0', b: '0.7' },
      { name: 'seed', a: '0', b: '3' },
    ]);
    const names = diffSettings({ view: VIEW, lane: lane('baseline') }, { view: VIEW, lane: lane('slot') });
    expect(names.differing).toEqual([
      { name: 'lane', a: 'baseline', b: 'slot' },
      { name: 'steps', a: '0', b: '2' },
      { name: 'delta', a: '–', b: 'own delta' },
      { name: 'learning rate', a: '–', b: '0.1' },
      { name: 'preset', a: '–', b: 'transformers' },
    ]);
  });

  it('name the server where a model ran on one', () => {
    const server = 'http://127.0.0.1:8080';
    const there: RunView = { ...VIEW, config: { ...CONFIG, model: { ...CONFIG.model, server } } };
    expect(
      diffSettings({ view: VIEW, lane: lane('slot') }, { view: there, lane: lane('slot') }).differing,
    ).toEqual([{ name: 'server', a: '–', b: server }]);
  });

  it("compare a lane's own conversation, not the run's", () => {
    const prompt = {
      kind: 'chat' as const,
      messages: [
        { role: 'user' as const, content: 'One?' },
        { role: 'assistant' as const, content: 'Two.' },
        { role: 'user' as const, content: 'Three?' },
      ],
    };
    const own = { ...lane('slot'), settings: { ...lane('slot').settings, prompt } };
    const { differing } = diffSettings({ view: VIEW, lane: lane('slot') }, { view: VIEW, lane: own });
    expect(differing).toContainEqual({ name: 'turn 2, assistant', a: '–', b: 'Two.' });
    expect(differing).toContainEqual({ name: 'prompt', a: 'Two and two?', b: '–' });
  });
});

describe('tokens', () => {
  it('are paired by id where the vocabularies are the same, twins included', () => {
    expect(pairTokens(['a', '�', '�'], ['a', '�', '�'])).toMatchObject({ a: null, b: null, by: 'id' });
  });

  it('are paired by text else, those whose text is not theirs alone left out', () => {
    const pairing = pairTokens(['a', 'b', '�', '�', 'c'], ['c', 'x', 'a', '�']);
    expect(pairing).toEqual({
      a: Uint32Array.of(0, 4),
      b: Uint32Array.of(2, 0),
      by: 'text',
      leftOutA: 3,
      leftOutB: 2,
    });
    expect(scatterOf(pairing, ['a', 'b', '�', '�', 'c'], floats(1, 2, 3, 4, 5), floats(6, 7, 8, 9))).toEqual({
      tokens: ['a', 'c'],
      x: floats(1, 5),
      y: floats(8, 6),
    });
  });

  it('come from the vectors, raw, centred by mean probability, or as points moved', () => {
    const shifts = wholeShifts(
      ['a', 'b'],
      new StepColumns({ shift: floats(1, 3), meanP: floats(0.25, 0.75), baseMeanP: floats(0.5, 0.5) }),
    );
    expect(shifts.values('raw')).toEqual(floats(1, 3));
    expect(shifts.values('centred')).toEqual(floats(-1.5, 0.5));
    expect(shifts.values('mass')).toEqual(floats(-25, 25));
  });

  it('come from all lists of the event where there are no vectors, each once', () => {
    const shifts = listedShifts(slotStep(0, 3));
    expect(shifts.tokens).toEqual([' think', ' so', '4', '\n']);
    expect(shifts.values('raw')).toEqual(floats(2, 1, -3, -1));
    expect(shifts.values('centred')).toEqual(floats(1.5, 0.5, -3.5, -1.5));
    expect(shifts.values('mass')).toEqual(floats(1, 3, -4, -0.1));
  });
});

describe('the scatter', () => {
  const scatter = (x: number[], y: number[]) => ({
    tokens: x.map(String),
    x: floats(...x),
    y: floats(...y),
  });

  it("has Pearson's r", () => {
    expect(correlation(scatter([1, 2, 3], [2, 4, 6]))).toBeCloseTo(1, 12);
    expect(correlation(scatter([1, 2, 3], [3, 2, 1]))).toBeCloseTo(-1, 12);
    // By hand: sxy 12, sxx 10, syy 21.2.
    expect(correlation(scatter([1, 2, 3, 4, 5], [2, 1, 4, 3, 7]))).toBeCloseTo(12 / Math.sqrt(10 * 21.2), 12);
    expect(correlation(scatter([1, 2, Number.NaN, 3], [2, 4, 0, 6]))).toBeCloseTo(1, 12);
    // Far from zero a naive sum of squares would cancel.
    expect(correlation(scatter([4e6, 4e6 + 1, 4e6 + 2], [1, 2, 3]))).toBeCloseTo(1, 9);
  });

  it('has none where one side does not vary', () => {
    expect(correlation(scatter([1, 1], [1, 2]))).toBeNull();
    expect(correlation(scatter([1], [1]))).toBeNull();
  });

  it('names the points farthest out on every side, the farthest first', () => {
    const places = extremes(scatter([0, 10, -9, 0, 0, 1, 0.1], [0, 10, 0, 8, -7, 0, 0.1]), 1);
    expect(places[0]).toBe(1);
    expect([...places].sort()).toEqual([1, 2, 4]);
  });

  it('keeps zero in view, and points off the edge', () => {
    expect(rangeOf(floats(1, 2))).toEqual({ low: -0.12, high: 2.12 });
    expect(rangeOf(floats())).toEqual({ low: -0.06, high: 0.06 });
    expect(rangeOf(floats(Number.NaN, Number.POSITIVE_INFINITY, 1)).high).toBeCloseTo(1.06);
  });

  it('has round numbers on its axes', () => {
    expect(ticks({ low: -0.12, high: 2.12 }, 5)).toEqual([0, 0.5, 1, 1.5, 2]);
    expect(ticks({ low: -3e-5, high: 2e-5 }, 5)).toEqual([-3e-5, -2e-5, -1e-5, 0, 1e-5, 2e-5]);
    expect(ticks({ low: 0, high: 0 }, 5)).toEqual([]);
  });
});

describe('answers', () => {
  it('part in the token that holds the first difference, wherever tokens begin', () => {
    expect(firstDifference(['It', ' is', ' 8'], ['It', ' is 9'])).toEqual({
      at: { a: 2, b: 1 },
      a: { same: 'It is', token: ' 8', rest: '' },
      b: { same: 'It', token: ' is 9', rest: '' },
    });
  });

  it('part where one of them ends', () => {
    const { at, a, b } = firstDifference(['It'], ['It', ' is', ' 8']);
    expect(at).toEqual({ a: 1, b: 1 });
    expect(a.token).toBe('');
    expect(b).toEqual({ same: 'It', token: ' is', rest: ' 8' });
  });

  it('do not part where the text is the same', () => {
    expect(firstDifference(['ab', 'c'], ['a', 'bc']).at).toBeNull();
    expect(firstDifference([], []).at).toBeNull();
  });
});

describe('figures', () => {
  it('are those of each lane; what neither has is left out', () => {
    const lines = finalFigures({ view: VIEW, lane: lane('baseline') }, { view: VIEW, lane: lane('slot') });
    const line = (name: string) => lines.find((each) => each.name === name);
    expect(line('loss change')).toMatchObject({ a: null, b: -0.75 });
    expect(line('answer')).toMatchObject({ a: 2, b: 3 });
    expect(line('ranked otherwise by base')).toMatchObject({ a: 100, b: 100 });
    const none = finalFigures({ view: VIEW, lane: lane('baseline') }, { view: VIEW, lane: lane('baseline') });
    expect(none.map(({ name }) => name)).not.toContain('loss change');
  });
});

describe('what to compare', () => {
  const run = (runId: string, steps: readonly number[]): RunSummary => ({
    runId,
    at: '2025-06-01T12:00:00Z',
    model: 'm',
    prompt: '',
    lanes: steps.map((each, i) => ({
      name: `lane ${i}`,
      preset: 'transformers',
      steps: each,
      lr: 0.1,
      origin: 'own',
    })),
    outcome: 'done',
    damage: null,
    tokens: 0,
    tags: [],
    note: '',
  });
  const runs = [run('base', [0]), run('new', [0, 5]), run('mid', [3]), run('old', [0, 5])];

  it('is the older of two runs as A', () => {
    expect(chooseComparison(runs, ['new', 'old'])).toEqual({
      a: { runId: 'old', lane: null },
      b: { runId: 'new', lane: null },
    });
  });

  it('is two lanes of one run', () => {
    expect(chooseComparison(runs, ['new'])).toEqual({
      a: { runId: 'new', lane: 'lane 0' },
      b: { runId: 'new', lane: 'lane 1' },
    });
  });

  it('is the two newest that adapt where nothing is chosen', () => {
    expect(chooseComparison(runs, [])).toMatchObject({ a: { runId: 'mid' }, b: { runId: 'new' } });
    expect(chooseComparison([run('base', [0])], [])).toMatchObject({ a: { runId: 'base' } });
    expect(chooseComparison([], [])).toBeNull();
  });

  it('is never a run that cannot be shown', () => {
    const damaged: RunSummary = {
      ...run('bad', [5]),
      outcome: 'damaged',
      damage: 'its events.jsonl is empty',
    };
    expect(chooseComparison([damaged, ...runs], [])).toEqual(chooseComparison(runs, []));
    expect(chooseComparison([damaged], ['bad'])).toBeNull();
  });
});
