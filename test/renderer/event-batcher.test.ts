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
