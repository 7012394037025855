/** Samples in the window: drawn with the run, counted by lane, a tree that keys move over, figures to export. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { reasonToSkip } from '../../fixtures/browser-shell';
import { type OpenWindow, openWindow } from './open-window';
import { runToEnd } from './run-to-end';

const skip = reasonToSkip();
let window: OpenWindow;
beforeAll(async () => {
  if (skip === null) window = await openWindow();
}, 60_000);
afterAll(async () => {
  await window?.close();
});

it.skipIf(skip !== null)(
  'draws samples, shows what they come to and where they part, and exports the figures',
  async () => {
    const { page, byId } = window;
    await byId('tab-samples').click();
    await expect.poll(() => byId('samples-panel').textContent()).toContain('temperature above 0');
    await byId('prompt').fill('Tom has 3 apples and buys 5 more. How many apples does he have?');
    await byId('maxNewTokens').fill('24');
    await byId('samples').fill('12');
    await expect.poll(() => byId('status').textContent()).toContain('would all be the same');
    await byId('temperature').fill('1');
    await runToEnd(page, () => byId('run').click());

    const cells = await byId('sample-answers').locator('.shares__bars + td').allTextContents();
    const counts = cells.map((text) => /^(\d+) of 12$/.exec(text)?.[1]);
    expect(counts.every((count) => count !== undefined)).toBe(true);
    expect(counts.reduce((sum, count) => sum + Number(count), 0)).toBeLessThanOrEqual(24);
    await byId('sample-answers').locator('.shares__toggle').first().click();
    await expect.poll(() => byId('sample-answers').locator('.samples__text').count()).toBeGreaterThan(0);

    // One tab stop; keys move from row to row.
    const rows = byId('sample-tree').getByRole('treeitem');
    const before = await rows.count();
    await rows.first().focus();
    await page.keyboard.press('End');
    expect(await rows.last().getAttribute('aria-selected')).toBe('true');
    expect(await byId('sample-tree').locator('[tabindex="0"][role=treeitem]').count()).toBe(1);
    const fork = byId('sample-tree').locator('[role=treeitem][aria-expanded=true]').first();
    await fork.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    expect(await rows.count()).toBeLessThan(before);

    const download = page.waitForEvent('download');
    await byId('sample-firsts')
      .getByRole('button', { name: /export/i })
      .click();
    await page.getByRole('menuitem', { name: /CSV/ }).click();
    const [head, ...lines] = readFileSync(await (await download).path(), 'utf8')
      .trim()
      .split(/\r?\n/);
    expect(head).toContain('p of a draw');
    expect(lines.filter((line) => line.startsWith('baseline')).length).toBeGreaterThan(0);
    expect(window.complaints).toEqual([]);
  },
);
