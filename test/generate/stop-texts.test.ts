/** Where a text that ends an answer is found, token by token, and that a run's answers end there. */
import { describe, expect, it } from 'vitest';
import { StopTexts } from '../../engine/generate/stop-texts';
import { one, only } from '../../fixtures/runs';
import { runEvents, testEngine } from '../../fixtures/test-engine';

/** What is kept of each text, given in pieces of `size` characters. */
function cut(text: string, stops: readonly string[], size: number): string | undefined {
  const looking = new StopTexts(stops);
  for (let at = 0; at < text.length; at += size) {
    const found = looking.push(text.slice(at, at + size));
    if (found !== undefined) return found;
  }
  return undefined;
}

describe.each([1, 2, 3, 50])('in pieces of %i', (size) => {
  it('is cut before the first of the texts', () => {
    expect(cut('42.\n\nQuestion: why?', ['Question:', '\n\n'], size)).toBe('42.');
    expect(cut('aab', ['ab'], size)).toBe('a');
    expect(cut('Q', ['Q'], size)).toBe('');
  });

  it('goes on where there is none', () => {
    expect(cut('Questions', ['Question:', 'x'], size)).toBeUndefined();
    expect(cut('anything', [], size)).toBeUndefined();
  });
});

it('does not find again what ended before it was to be heeded', () => {
  const looking = new StopTexts(['ab', 'abcdef']);
  expect(looking.push('ab')).toBe('');
  expect(looking.push('c')).toBeUndefined();
  expect(looking.push('def')).toBe('');
});

it('a run’s lanes and samples end before the text, with the tokens to its end', async () => {
  const engine = testEngine();
  const ask = (generation: object, more: object = {}) =>
    runEvents(engine, {
      prompt: {
        kind: 'chat',
        messages: [{ role: 'user', content: 'Tom has 3 apples and buys 4 more. How many?' }],
      },
      lanes: [
        { name: 'baseline', steps: 0 },
        { name: 'slot', steps: 2 },
      ],
      generation: { maxNewTokens: 24, temperature: 0.2, seed: 4, ...generation },
      ...more,
    });
  const stop = ' apples';
  const whole = await ask({});
  const events = await ask({ stops: ['no such text', stop] }, { samples: 3 });
  for (const lane of ['baseline', 'slot']) {
    const { text, ids } = one(whole, 'lane.done', lane);
    expect(text).toContain(stop);
    const done = one(events, 'lane.done', lane);
    expect(done).toMatchObject({ reason: 'stop', text: text.slice(0, text.indexOf(stop)) });
    expect(done.ids).toEqual(ids.slice(0, done.tokens));
    expect(done.tokens).toBeLessThan(ids.length);
    const samples = only(events, 'sample.done').filter((sample) => sample.lane === lane);
    expect(samples.map(({ sample }) => sample).toSorted()).toEqual([0, 1, 2]);
    expect(samples.find(({ sample }) => sample === 0)).toMatchObject({ reason: 'stop', text: done.text });
    for (const sample of samples) {
      expect(sample.text).not.toContain(stop);
      expect(sample.reason).toBe('stop');
    }
  }
});
