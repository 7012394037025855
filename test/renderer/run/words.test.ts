/** Runs and metrics in words: nothing is left unsaid, and numbers have their units. */
import { describe, expect, it } from 'vitest';
import { dateWords, laneWords, OUTCOMES } from '../../../renderer/run/run-words';
import { METRIC_TEXTS, writeMetric } from '../../../renderer/run/vocabulary/metric-texts';

describe('a stored run', () => {
  it('names its lanes with what they were set to', () => {
    const lane = { name: 'slot', preset: 'vllm', steps: 2, lr: 0.1, origin: 'own' } as const;
    expect(laneWords(lane)).toBe('slot 2 × 0.1 vllm');
    expect(laneWords({ ...lane, steps: 0 })).toBe('slot');
    expect(laneWords({ ...lane, name: 'against', origin: 'minus' })).toBe('against (minus) 2 × 0.1 vllm');
    expect(laneWords({ ...lane, name: 'random 1', origin: 'random' })).toBe('random 1 2 × 0.1 vllm');
  });

  it('has a date of local time that sorts by eye, and what is no date as it stands', () => {
    const local = new Date(2025, 5, 1, 9, 7);
    expect(dateWords(local.toISOString())).toBe('2025-06-01 09:07');
    expect(dateWords('some day')).toBe('some day');
  });

  it('ends in one of five ways, each with a sign, a word and a reason of its own', () => {
    const ends = Object.values(OUTCOMES);
    for (const part of ['sign', 'word', 'why'] as const) {
      const texts = ends.map((end) => end[part]);
      expect(texts).not.toContain('');
      expect(new Set(texts).size).toBe(5);
    }
  });
});

describe('a metric', () => {
  it('says what it is', () => {
    for (const texts of Object.values(METRIC_TEXTS)) expect(Object.values(texts)).not.toContain('');
    const heads = Object.values(METRIC_TEXTS).map(({ short }) => short);
    expect(new Set(heads).size).toBe(heads.length);
  });

  it('is written with its sign: logits and nats, percentage points, places', () => {
    for (const metric of ['raw', 'centred', 'logprob'] as const) {
      expect(writeMetric(metric, 1.25)).toBe('+1.250');
      expect(writeMetric(metric, -1.25)).toBe('−1.250');
    }
    for (const metric of ['mass', 'answerMass'] as const) {
      expect(writeMetric(metric, 0.0125)).toMatch(/^\+1\.25/);
      expect(writeMetric(metric, -0.0125)).toMatch(/^−1\.25/);
    }
    for (const metric of ['rank', 'answerRank'] as const) {
      expect(writeMetric(metric, 12)).toBe('+12');
      expect(writeMetric(metric, -12)).toBe('−12');
      expect(writeMetric(metric, 0)).toBe('0');
      expect(writeMetric(metric, Number.NaN)).toBe(writeMetric('raw', Number.NaN));
    }
  });
});
