/** Runs and metrics in words: nothing is left unsaid, and numbers have their units. */
import { describe, expect, it } from 'vitest';
import { preparingShare, preparingWords } from '../../../renderer/run/preparing';
import { dateWords, laneWords, OUTCOMES } from '../../../renderer/run/run-words';
import { ABSENT, generationLines, modelLines, promptLines } from '../../../renderer/run/setting-lines';
import { METRIC_TEXTS, writeMetric } from '../../../renderer/run/vocabulary/metric-texts';
import { CONFIG } from '../run-events';

describe('preparing weights', () => {
  const preparing = {
    model: 'tiny',
    dtype: 'q8',
    phase: 'preparing',
    done: 30,
    total: 120,
    secondsLeft: null,
  } as const;

  it('is a share of its bytes, at most all of them', () => {
    expect(preparingShare(preparing)).toBe(0.25);
    expect(preparingShare({ ...preparing, phase: 'checking', done: 130 })).toBe(1);
    expect(preparingWords({ ...preparing, phase: 'checking' })).toBe('Checking tiny q8 · 25 % of 120 B');
  });

  it('has no share where another process is at it, or nothing is known of its size', () => {
    expect(preparingShare({ ...preparing, phase: 'waiting' })).toBeNull();
    expect(preparingShare({ ...preparing, done: 0, total: 0 })).toBeNull();
    expect(preparingWords({ ...preparing, phase: 'waiting' })).toBe(
      'Another process prepares tiny q8; waiting for it',
    );
    expect(preparingWords({ ...preparing, done: 0, total: 0 })).toBe('Preparing tiny q8 once · 0 % of 0 B');
  });
});

describe('settings', () => {
  it('are lines of a name and a text', () => {
    expect(generationLines(CONFIG)).toEqual([
      ['max new tokens', '8'],
      ['temperature', '0'],
      ['top-p', '1'],
      ['seed', '0'],
      ['ignore end token', 'no'],
      ['device', 'cpu'],
      ['memory saver', 'off'],
      ['arithmetic', 'exact'],
      ['own groups', 'none'],
      ['listed tokens', String(CONFIG.listLength)],
    ]);
    const groups = [
      { name: 'links', words: ['so', 'thus'] },
      { name: 'sums', words: ['plus'] },
    ];
    const sampled = { ...CONFIG, samples: 4, groups, generation: { ...CONFIG.generation, ignoreEos: true } };
    expect(Object.fromEntries(generationLines(sampled))).toMatchObject({
      samples: '4',
      'ignore end token': 'yes',
      'own groups': 'links: so, thus; sums: plus',
    });
    const server = 'http://127.0.0.1:8080';
    const saving = { ...CONFIG, model: { ...CONFIG.model, memorySaver: true, server } };
    expect(Object.fromEntries(generationLines(saving))).toMatchObject({ 'memory saver': 'on', server });
    expect(Object.fromEntries(generationLines(CONFIG))).not.toHaveProperty('server');
  });

  it('name the model that ran', () => {
    expect(modelLines({ id: 'tiny', dtype: 'q4', projection: 'Gemm', vocab: 32, hidden: 8 })).toEqual([
      ['model', 'tiny'],
      ['weights', 'q4'],
      ['head', 'Gemm'],
      ['vocabulary', '32'],
      ['hidden size', '8'],
    ]);
  });

  it('have a conversation turn by turn', () => {
    const messages = (...contents: string[]) =>
      contents.map((content, at) => ({ role: at % 2 === 0 ? 'user' : 'assistant', content }) as const);
    expect(promptLines({ kind: 'chat', messages: messages('One?') })).toEqual([
      ['prompt kind', 'chat'],
      ['system', ABSENT],
      ['prompt', 'One?'],
    ]);
    const system = { role: 'system', content: 'Be brief.' } as const;
    expect(promptLines({ kind: 'chat', messages: [system, ...messages('One?', '1', 'Two?')] })).toEqual([
      ['prompt kind', 'chat'],
      ['system', 'Be brief.'],
      ['turn 1, user', 'One?'],
      ['turn 2, assistant', '1'],
      ['turn 3, user', 'Two?'],
    ]);
    expect(promptLines({ kind: 'raw', text: 'Once' })).toEqual([
      ['prompt kind', 'raw'],
      ['prompt', 'Once'],
    ]);
  });
});

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
