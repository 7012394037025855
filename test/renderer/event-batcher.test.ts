/** Many events, one hand-over a frame. */
import { expect, it, vi } from 'vitest';
import { EventBatcher } from '../../renderer/run/event-batcher';

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

it('rests for as long as the drawing took', async () => {
  vi.useFakeTimers();
  let clock = 0;
  const deliver = vi.fn<(batch: readonly number[]) => void>(() => {
    // A drawing that takes 80 ms, after the hand-over has returned.
    queueMicrotask(() => {
      clock += 80;
    });
  });
  const immediately = (callback: () => void) => {
    const timer = setTimeout(callback, 0);
    return () => clearTimeout(timer);
  };
  const batcher = new EventBatcher<number>(deliver, immediately, () => clock);
  batcher.push(1);
  await vi.advanceTimersByTimeAsync(0);
  batcher.push(2);
  await vi.advanceTimersByTimeAsync(79);
  expect(deliver).toHaveBeenCalledTimes(1);
  batcher.push(3);
  await vi.advanceTimersByTimeAsync(2);
  expect(deliver.mock.calls).toEqual([[[1]], [[2, 3]]]);
  vi.useRealTimers();
});
