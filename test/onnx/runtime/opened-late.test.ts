/** What is opened when it is first needed: once for all who ask, anew after a failure, released if it was opened. */
import { expect, it, vi } from 'vitest';
import { OpenedLate } from '../../../engine/onnx/runtime/opened-late';

const resource = () => ({ release: vi.fn(async () => {}) });

it('is opened once, by the first who asks', async () => {
  const made = resource();
  const open = vi.fn(async () => made);
  const late = new OpenedLate(open);
  expect(open).not.toHaveBeenCalled();
  expect(await Promise.all([late.get(), late.get()])).toEqual([made, made]);
  expect(await late.get()).toBe(made);
  expect(open).toHaveBeenCalledTimes(1);
  await late.release();
  expect(made.release).toHaveBeenCalledTimes(1);
});

it('is opened anew where it could not be', async () => {
  const made = resource();
  const open = vi.fn(async () => made).mockRejectedValueOnce(new Error('no memory'));
  const late = new OpenedLate(open);
  await expect(late.get()).rejects.toThrow('no memory');
  expect(await late.get()).toBe(made);
});

it('is nothing to release where it was not opened, or could not be', async () => {
  const open = vi.fn(async (): Promise<ReturnType<typeof resource>> => {
    throw new Error('no memory');
  });
  const late = new OpenedLate(open);
  await late.release();
  expect(open).not.toHaveBeenCalled();
  const failing = late.get();
  await expect(late.release()).resolves.toBeUndefined();
  await expect(failing).rejects.toThrow('no memory');
});
