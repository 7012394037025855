/** Many events, few hand-overs. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventBatcher, nextFrame } from '../../../renderer/run/event-batcher';

it('hands over everything of a frame at once, in order', () => {
  const frames: (() => void)[] = [];
  const deliver = vi.fn<(batch: readonly number[]) => void>();
  const batcher = new EventBatcher<number>(deliver, (callback) => {
    frames.push(callback);
    return () => {};
  });
  for (const item of [1, 2, 3]) batcher.push(item);
  expect(frames).toHaveLength(1);
  expect(deliver).not.toHaveBeenCalled();
  frames[0]?.();
  batcher.push(4);
  batcher.flush();
  batcher.flush();
  expect(deliver.mock.calls).toEqual([[[1, 2, 3]], [[4]]]);
});

describe('the next frame', () => {
  const frames = new Map<number, () => void>();
  beforeEach(() => {
    vi.useFakeTimers();
    let last = 0;
    vi.stubGlobal('requestAnimationFrame', (callback: () => void) => {
      frames.set(++last, callback);
      return last;
    });
    vi.stubGlobal('cancelAnimationFrame', (frame: number) => frames.delete(frame));
  });
  afterEach(() => {
    frames.clear();
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });
  const draw = () => {
    for (const callback of [...frames.values()]) callback();
  };

  it('is waited for, and comes once', () => {
    const callback = vi.fn();
    nextFrame(callback);
    expect(callback).not.toHaveBeenCalled();
    const late = [...frames.values()];
    draw();
    for (const again of late) again();
    vi.runAllTimers();
    expect(callback).toHaveBeenCalledOnce();
  });

  it('of a hidden page is a timer’s', () => {
    const callback = vi.fn();
    nextFrame(callback);
    vi.advanceTimersByTime(250);
    draw();
    expect(callback).toHaveBeenCalledOnce();
    expect(frames.size).toBe(0);
  });

  it('that was taken back does not come', () => {
    const callback = vi.fn();
    const takeBack = nextFrame(callback);
    const late = [...frames.values()];
    takeBack();
    draw();
    for (const each of late) each();
    vi.runAllTimers();
    expect(callback).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('resting', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const immediately = (callback: () => void) => {
    const timer = setTimeout(callback, 0);
    return () => clearTimeout(timer);
  };

  /** Its clock is the timers' own, and stands still while it draws but for `drawMs`. */
  function batcherOf(drawMs: number) {
    const deliver = vi.fn<(batch: readonly number[]) => void>(() => {
      // The drawing comes after the hand-over has returned.
      queueMicrotask(() => vi.setSystemTime(Date.now() + drawMs));
    });
    return { deliver, batcher: new EventBatcher<number>(deliver, immediately, () => Date.now()) };
  }

  it('hands over what comes after a pause at once, and a few times a second at most', async () => {
    const { deliver, batcher } = batcherOf(2);
    batcher.push(1);
    await vi.advanceTimersByTimeAsync(0);
    await vi.advanceTimersByTimeAsync(110);
    batcher.push(2);
    await vi.advanceTimersByTimeAsync(30);
    batcher.push(3);
    await vi.advanceTimersByTimeAsync(40);
    expect(deliver.mock.calls).toEqual([[[1]]]);
    await vi.advanceTimersByTimeAsync(10);
    expect(deliver.mock.calls).toEqual([[[1]], [[2, 3]]]);
    await vi.advanceTimersByTimeAsync(200);
    batcher.push(4);
    await vi.advanceTimersByTimeAsync(0);
    expect(deliver.mock.calls).toEqual([[[1]], [[2, 3]], [[4]]]);
  });

  it('ends with a flush, which leaves nothing to hand over', async () => {
    const { deliver, batcher } = batcherOf(2);
    batcher.push(1);
    await vi.advanceTimersByTimeAsync(0);
    batcher.push(2);
    batcher.flush();
    expect(vi.getTimerCount()).toBe(0);
    expect(deliver.mock.calls).toEqual([[[1]], [[2]]]);
  });

  it('rests for as long as a costly drawing took', async () => {
    const { deliver, batcher } = batcherOf(220);
    batcher.push(1);
    await vi.advanceTimersByTimeAsync(0);
    batcher.push(2);
    await vi.advanceTimersByTimeAsync(219);
    expect(deliver).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(2);
    expect(deliver.mock.calls).toEqual([[[1]], [[2]]]);
  });
});
