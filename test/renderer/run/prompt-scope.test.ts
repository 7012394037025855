/** What counts of a prompt's tokens, in words and by hand. */
import { describe, expect, it } from 'vitest';
import { LaneSettings, type Scope, type SlotScope, type SlotStep } from '../../../engine/protocol';
import { klCurves, lossCurves } from '../../../renderer/run/curves';
import { brushed, isBrushed, scopeWords, tokenScope } from '../../../renderer/run/prompt-scope';

const scope: SlotScope = {
  type: 'slot.scope',
  lane: 'slot',
  weights: [0, 0.25, 0.75, 0],
  heldOut: [0, 0, 0, 1],
};

it('a weight belongs to the token that is predicted, so that the first has none', () => {
  const words = [0, 1, 2, 3, 4].map((position) => scopeWords(tokenScope(scope, position)));
  expect(words).toEqual([
    'not learned from',
    'not learned from',
    '25 % of the loss',
    '75 % of the loss',
    'held out',
  ]);
  expect(tokenScope(null, 2)).toBeNull();
  expect(scopeWords(null)).toBe('');
});

describe('a brush', () => {
  const tokens = (text: Scope | null) =>
    text?.kind === 'tokens' ? text.ranges.map(({ first, last, weight }) => [first, last, weight]) : text;

  it('runs either way, and leaves the first token out', () => {
    expect(tokens(brushed({ from: 5, to: 2 }, 10, null))).toEqual([[2, 5, 1]]);
    expect(tokens(brushed({ from: 0, to: 3 }, 10, null))).toEqual([[1, 3, 1]]);
    expect(brushed({ from: 0, to: 0 }, 10, null)).toBeNull();
    expect([1, 2, 4, 5, 6].map((at) => isBrushed({ from: 5, to: 2 }, at))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
  });

  it('comes beside the tokens that are chosen already, which keep their weights', () => {
    const before: Scope = {
      kind: 'tokens',
      ranges: [
        { first: 1, last: 3, weight: 1 },
        { first: 7, last: 8, weight: 2 },
      ],
    };
    expect(tokens(brushed({ from: 4, to: 5 }, 10, before))).toEqual([
      [1, 5, 1],
      [7, 8, 2],
    ]);
    expect(tokens(brushed({ from: 8, to: 9 }, 10, before))).toEqual([
      [1, 3, 1],
      [7, 7, 2],
      [8, 9, 1],
    ]);
    expect(tokens(brushed({ from: 4, to: 5 }, 10, { kind: 'user' }))).toEqual([[4, 5, 1]]);
  });
});

it("the held-out loss is a curve beside its lane's", () => {
  const step = (loss: number, heldOutLoss?: number) =>
    ({ loss, ...(heldOutLoss && { heldOutLoss }) }) as SlotStep;
  const lanes = [
    { name: 'a', steps: [step(3)], slot: null },
    { name: 'b', steps: [step(3, 4), step(2, 5)], slot: null },
  ];
  expect(lossCurves(lanes)).toEqual([
    { lane: 'a', points: [{ step: 0, value: 3 }] },
    { lane: 'b', points: [3, 2].map((value, at) => ({ step: at, value })) },
    { lane: 'b, held out', beside: 1, points: [4, 5].map((value, at) => ({ step: at, value })) },
  ]);
});

it('the KL to the model is a curve of lanes that something of theirs turns on it for', () => {
  const step = (kl?: number) => ({ loss: 1, ...(kl !== undefined && { kl }) }) as SlotStep;
  const lane = (name: string, settings: object, kls: readonly (number | undefined)[]) => ({
    name,
    settings: LaneSettings.parse({ name, steps: 3, ...settings }),
    steps: kls.map(step),
    slot: null,
  });
  const curves = klCurves([
    lane('plain', {}, [0.1]),
    lane('bounded', { klBudget: 0.5 }, [0.1, undefined, 0.4]),
    lane('halved', { half: { seed: 0 } }, [0.2]),
    lane('waiting', { klBudget: 0.5 }, []),
  ]);
  expect(curves.map(({ lane, points }) => [lane, points.map(({ step, value }) => [step, value])])).toEqual([
    ['plain', []],
    [
      'bounded',
      [
        [0, 0],
        [1, 0.1],
        [3, 0.4],
      ],
    ],
    [
      'halved',
      [
        [0, 0],
        [1, 0.2],
      ],
    ],
    ['waiting', []],
  ]);
});
