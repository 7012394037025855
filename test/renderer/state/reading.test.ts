/** What a view reads: asked once the question rests, given up with it, never shown for another one. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EngineError } from '../../../engine/protocol';
import { type Question, shownReading, startReading } from '../../../renderer/state/reading';

const ASKED: Question = { key: 'step 2', scope: 'lane', attempt: 0 };

describe('a reading', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('asks once the question rests and settles with the answer', async () => {
    const read = vi.fn(async () => 7);
    const settle = vi.fn();
    startReading(ASKED, read, 40, settle);
    await vi.advanceTimersByTimeAsync(39);
    expect(read).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(settle.mock.calls).toEqual([[{ question: ASKED, value: 7, failure: null }]]);
  });

  it('does not ask for what was passed over', async () => {
    const read = vi.fn(async () => 7);
    startReading(ASKED, read, 40, vi.fn())();
    await vi.advanceTimersByTimeAsync(100);
    expect(read).not.toHaveBeenCalled();
  });

  it.each(['an answer', 'a failure'])(
    'gives up what it asked for and drops %s that comes late',
    async (what) => {
      let signal: AbortSignal | undefined;
      let answer = () => {};
      const settle = vi.fn();
      const stop = startReading(
        ASKED,
        (given) => {
          signal = given;
          return new Promise((resolve, reject) => {
            answer = () => (what === 'an answer' ? resolve(7) : reject(new Error('late')));
          });
        },
        0,
        settle,
      );
      await vi.advanceTimersByTimeAsync(0);
      expect(signal?.aborted).toBe(false);
      stop();
      expect(signal?.aborted).toBe(true);
      answer();
      await vi.advanceTimersByTimeAsync(0);
      expect(settle).not.toHaveBeenCalled();
    },
  );

  it('settles with why it failed', async () => {
    const settle = vi.fn();
    const read = () =>
      Promise.reject(new EngineError('input', 'no-vectors', 'there are none', 'Import them.'));
    startReading(ASKED, read, 0, settle);
    await vi.advanceTimersByTimeAsync(0);
    const failure = { kind: 'input', code: 'no-vectors', message: 'there are none', hint: 'Import them.' };
    expect(settle.mock.calls).toEqual([[{ question: ASKED, value: null, failure }]]);
  });
});

describe('what is shown', () => {
  const failure = { kind: 'failure', code: 'x', message: 'no', hint: '' } as const;
  const nothing = { value: null, failure: null, isCurrent: false };

  it('is the answer before while the next of the same scope is read, and says so', () => {
    const answer = { question: ASKED, value: 7, failure: null };
    expect(shownReading(ASKED, answer)).toEqual({ value: 7, failure: null, isCurrent: true });
    const next = { ...ASKED, key: 'step 3' };
    expect(shownReading(next, answer)).toEqual({ value: 7, failure: null, isCurrent: false });
  });

  it('is nothing of another scope, and nothing where nothing is asked', () => {
    const answer = { question: ASKED, value: 7, failure: null };
    expect(shownReading({ ...ASKED, scope: 'other lane' }, answer)).toEqual(nothing);
    expect(shownReading({ ...ASKED, key: null }, answer)).toEqual(nothing);
    expect(shownReading(ASKED, null)).toEqual(nothing);
  });

  it('is a failure until another question, or the same one again, is asked', () => {
    const answer = { question: ASKED, value: null, failure };
    expect(shownReading(ASKED, answer)).toMatchObject({ failure, isCurrent: true });
    expect(shownReading({ ...ASKED, key: 'step 3' }, answer)).toEqual(nothing);
    expect(shownReading({ ...ASKED, attempt: 1 }, answer)).toEqual(nothing);
  });
});
