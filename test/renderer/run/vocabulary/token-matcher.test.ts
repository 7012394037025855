/** The window's search worker: when it starts, what it is asked, and what is said where it fails. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type FromMatchWorker,
  READY,
  type ToMatchWorker,
} from '../../../../renderer/run/vocabulary/match-messages';
import { type MatchWorker, TokenMatcher } from '../../../../renderer/run/vocabulary/token-matcher';

class FakeWorker implements MatchWorker {
  readonly sent: ToMatchWorker[] = [];
  terminated = false;
  onmessage: ((event: { readonly data: FromMatchWorker }) => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;
  postMessage(message: ToMatchWorker): void {
    this.sent.push(message);
  }
  terminate(): void {
    this.terminated = true;
  }
  answer(id: number, ids: readonly number[], problem: string | null = null): void {
    this.onmessage?.({ data: { id, ids: Uint32Array.from(ids), problem } });
  }
}

describe('the search worker', () => {
  const workers: FakeWorker[] = [];
  const matcher = () =>
    new TokenMatcher(
      ['a', 'b'],
      () => {
        const worker = new FakeWorker();
        workers.push(worker);
        return worker;
      },
      1000,
    );
  const worker = () => {
    const last = workers.at(-1);
    if (!last) throw new Error('no worker was started');
    return last;
  };

  beforeEach(() => {
    vi.useFakeTimers();
    workers.length = 0;
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('starts when first asked, gets the vocabulary once and answers in order', async () => {
    const search = matcher();
    expect(workers).toHaveLength(0);
    const first = search.match({ kind: 'text', text: 'a' });
    const second = search.match({ kind: 'text', text: 'b' });
    expect(worker().sent.map(({ type }) => type)).toEqual(['tokens']);
    worker().answer(READY, []);
    worker().answer(1, [0]);
    worker().answer(2, [1]);
    expect(await first).toEqual({ ids: Uint32Array.of(0) });
    expect(await second).toEqual({ ids: Uint32Array.of(1) });
    expect(worker().sent.map(({ type }) => type)).toEqual(['tokens', 'match', 'match']);
  });

  it('stops a pattern that takes too long, and goes on with the next in a new worker', async () => {
    const search = matcher();
    const endless = search.match({ kind: 'pattern', pattern: '(a+)+$', flags: '' });
    const next = search.match({ kind: 'text', text: 'b' });
    const [first] = workers;
    first?.answer(READY, []);
    vi.advanceTimersByTime(1000);
    expect(await endless).toMatchObject({ problem: expect.stringMatching(/too long/) });
    expect(first?.terminated).toBe(true);
    expect(workers).toHaveLength(2);
    worker().answer(READY, []);
    first?.answer(1, [0, 1]);
    worker().answer(2, [1]);
    expect(await next).toEqual({ ids: Uint32Array.of(1) });
  });

  it('refuses a pattern that does not compile without starting anything', async () => {
    expect(await matcher().match({ kind: 'pattern', pattern: '(', flags: '' })).toEqual({
      problem: 'Unterminated group',
    });
    expect(workers).toHaveLength(0);
  });

  it('is ready before it is asked, and then asked at once', async () => {
    const search = matcher();
    search.prepare();
    search.prepare();
    expect(workers).toHaveLength(1);
    worker().answer(READY, []);
    const found = search.match({ kind: 'text', text: 'a' });
    expect(worker().sent.map(({ type }) => type)).toEqual(['tokens', 'match']);
    worker().answer(1, [0]);
    expect(await found).toEqual({ ids: Uint32Array.of(0) });
  });

  it('is asked nothing before it is ready', async () => {
    const search = matcher();
    search.prepare();
    const found = search.match({ kind: 'text', text: 'a' });
    expect(worker().sent.map(({ type }) => type)).toEqual(['tokens']);
    worker().answer(READY, []);
    expect(worker().sent.map(({ type }) => type)).toEqual(['tokens', 'match']);
    worker().answer(1, [1], 'it broke');
    expect(await found).toEqual({ problem: 'it broke' });
  });

  it('that does not start is given up, and a later search tries another', async () => {
    const search = matcher();
    const first = search.match({ kind: 'text', text: 'a' });
    vi.advanceTimersByTime(9_999);
    expect(worker().terminated).toBe(false);
    vi.advanceTimersByTime(1);
    expect(await first).toMatchObject({ problem: expect.stringMatching(/could not be started/) });
    expect(worker().terminated).toBe(true);
    void search.match({ kind: 'text', text: 'b' });
    expect(workers).toHaveLength(2);
  });

  it('that is closed answers what was asked, and stops', async () => {
    const search = matcher();
    const all = [search.match({ kind: 'text', text: 'a' }), search.match({ kind: 'text', text: 'b' })];
    search.close();
    for (const each of all) expect(await each).toEqual({ problem: 'the search was closed' });
    expect(worker().terminated).toBe(true);
    vi.advanceTimersByTime(60_000);
    expect(workers).toHaveLength(1);
    const later = search.match({ kind: 'text', text: 'a' });
    expect(workers).toHaveLength(2);
    worker().answer(READY, []);
    worker().answer(3, [0]);
    expect(await later).toEqual({ ids: Uint32Array.of(0) });
  });

  it('says so where no worker can be had', async () => {
    const search = matcher();
    const outcome = search.match({ kind: 'text', text: 'a' });
    worker().onerror?.(new Error('blocked'));
    expect(await outcome).toMatchObject({ problem: expect.stringMatching(/Reload/) });
  });
});
