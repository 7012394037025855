/** Waits for the run that an action starts, and for no other. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** The run before it may have finished too: that does not count. */
export async function runToEnd(page: Page, act: () => Promise<unknown>): Promise<void> {
  const status = page.getByTestId('status');
  const before = await status.getAttribute('data-run');
  await act();
  const patience = { timeout: 60_000, interval: 20 };
  await expect.poll(() => status.getAttribute('data-run'), patience).not.toBe(before);
  await expect.poll(() => status.innerText(), patience).toMatch(/Finished/);
}
