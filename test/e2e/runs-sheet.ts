/** What tests of the sheet of stored runs do in a window. */
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { ARTEFACTS } from './open-window';

/** As the user sees it, hidden parts left out. */
export const textOf = (locator: Locator) => locator.innerText();

export const shows = (read: () => Promise<string>, text: string | RegExp, timeout = 60_000) =>
  expect.poll(read, { timeout, interval: 50 }).toMatch(text);

/** @param page which may be replaced by another window's */
export function runsSheet(page: () => Page) {
  const byId = (id: string): Locator => page().getByTestId(id);
  const rows = () => byId('run-row');
  return {
    byId,
    rows,
    row: (text: string) => rows().filter({ hasText: text }),
    screenshot: (name: string) => page().screenshot({ path: join(ARTEFACTS, `${name}.png`) }),
    async openRuns(): Promise<void> {
      await page().keyboard.press('Control+o');
      await byId('runs-panel').waitFor();
    },
  };
}
