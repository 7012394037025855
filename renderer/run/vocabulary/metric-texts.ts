/** Names, meanings and formulas of the metrics, and how their values are written. */

import { assertNever } from '../../ui/assert-never';

import { grouped, number, points, signed } from '../../ui/text/format';
import type { Metric } from './metrics';

export interface MetricText {
  readonly name: string;
  /** For a column's head. */
  readonly short: string;
  readonly meaning: string;
  readonly formula: string;
  readonly unit: string;
  readonly up: string;
  readonly down: string;
}

export const METRIC_TEXTS: Readonly<Record<Metric, MetricText>> = {
  raw: {
    name: 'Raw shift',
    short: 'raw',
    meaning: 'What delta adds to each logit. The extremes are often tokens that never occur.',
    formula: 'Δzᵢ = (W·delta)ᵢ',
    unit: 'logits',
    up: 'boosted',
    down: 'suppressed',
  },
  centred: {
    name: 'Centred shift',
    short: 'centred',
    meaning: 'Shift minus its probability-weighted mean, which softmax ignores: above 0 gains, below loses.',
    formula: 'Δzᵢ − Σⱼ p̄ⱼ·Δzⱼ',
    unit: 'logits',
    up: 'boosted',
    down: 'suppressed',
  },
  mass: {
    name: 'Mass moved, prompt',
    short: 'mass',
    meaning: 'Probability gained or lost, averaged over the positions of the prompt.',
    formula: 'p̄ᵢ − p̄⁰ᵢ',
    unit: 'percentage points',
    up: 'gained',
    down: 'lost',
  },
  rank: {
    name: 'Rank change, prompt',
    short: 'rank Δ',
    meaning: 'Places gained in the order of mean probability. Deep in the tail, places lie close together.',
    formula: 'rank⁰(p̄⁰ᵢ) − rank(p̄ᵢ)',
    unit: 'places',
    up: 'risen',
    down: 'fallen',
  },
  answerMass: {
    name: 'Mass moved, answer',
    short: 'mass, answer',
    meaning: 'Probability gained or lost, averaged over the tokens of this lane’s answer.',
    formula: 'meanₜ(pᵢ − p⁰ᵢ), t in the answer',
    unit: 'percentage points',
    up: 'gained',
    down: 'lost',
  },
  logprob: {
    name: 'Δ log-probability, at a token',
    short: 'Δ log p',
    meaning:
      'Log-probability with delta minus without, at one token of the answer and the same hidden state.',
    formula: 'log pᵢ − log p⁰ᵢ',
    unit: 'nats',
    up: 'likelier',
    down: 'less likely',
  },
  answerRank: {
    name: 'Rank change, at a token',
    short: 'rank Δ, token',
    meaning: 'Places gained among all tokens at one token of the answer.',
    formula: 'rank⁰(p⁰ᵢ) − rank(pᵢ)',
    unit: 'places',
    up: 'risen',
    down: 'fallen',
  },
};

export function writeMetric(metric: Metric, value: number): string {
  if (!Number.isFinite(value)) return number(value);
  switch (metric) {
    case 'raw':
    case 'centred':
    case 'logprob':
      return signed(value, 3);
    case 'mass':
    case 'answerMass':
      return points(value);
    case 'rank':
    case 'answerRank':
      return `${value > 0 ? '+' : value < 0 ? '−' : ''}${grouped(Math.abs(value))}`;
    default:
      return assertNever(metric);
  }
}
