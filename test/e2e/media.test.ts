/** The window in a high-contrast theme, on paper, and with a prompt that is written from right to left. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reasonToSkip } from '../../fixtures/browser-shell';
import { type OpenWindow, openWindow } from './open-window';
import { runToEnd } from './run-to-end';

const skip = reasonToSkip();
if (skip !== null) console.warn(`End-to-end tests of media are skipped: ${skip}.`);

describe.skipIf(skip !== null)('the window', () => {
  let window: OpenWindow;
  let page: Page;
  const byId = (id: string) => page.getByTestId(id);
  const styleOf = (selector: string, property: string) =>
    page
      .locator(selector)
      .first()
      .evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), property);

  beforeAll(async () => {
    window = await openWindow();
    page = window.page;
  });

  afterAll(async () => {
    await window?.close();
  });

  it('reads what the user writes from right to left, and the answer as it is written', async () => {
    await byId('prompt').fill('لدى توم ٣ تفاحات ويشتري ٥ أخرى. كم تفاحة لديه؟');
    expect(await styleOf('[data-testid="prompt"]', 'direction')).toBe('rtl');
    await runToEnd(page, () => byId('run').click());
    expect(await styleOf('.user-band__text', 'direction')).toBe('rtl');
    expect(await page.locator('.lane-text').first().getAttribute('dir')).toBe('auto');
    await byId('prompt').fill('Tom has 3 apples and buys 5 more. How many apples does he have?');
    await byId('new-conversation').click();
    await runToEnd(page, () => byId('run').click());
    expect(await styleOf('.lane-text', 'direction')).toBe('ltr');
  });

  it('keeps figures and what is chosen apart in a high-contrast theme', async () => {
    await byId('tab-vocabulary').click();
    await byId('shift-bars').locator('.bar').first().waitFor();
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ forcedColors: 'active', colorScheme });
      const surface = await styleOf('body', 'background-color');
      for (const mark of [
        '.bar--up',
        '.strip__bars i',
        '.lane-row__chip',
        '.segmented__item[data-state="on"]',
        '.button--primary:not(:disabled)',
        '.pane-separator',
      ]) {
        expect(await styleOf(mark, 'background-color'), `${mark}, ${colorScheme}`).not.toBe(surface);
      }
      // Lines of charts are as they were, and the words beside them are the system's.
      expect(await styleOf('.charts-pane h3', 'color')).toBe(await styleOf('body', 'color'));
    }
    await page.emulateMedia({ forcedColors: 'none', colorScheme: 'light' });
    await byId('tab-optimisation').click();
  });

  it('prints the whole conversation and the charts, and no controls', async () => {
    await byId('theme').click();
    await byId('theme').click();
    await page.emulateMedia({ media: 'print' });
    expect(await styleOf('body', 'color-scheme')).toBe('light');
    for (const control of ['run', 'follow-up', 'prompt', 'theme', 'new-conversation'])
      expect(await byId(control).isVisible(), control).toBe(false);
    const cut = await page.evaluate(() =>
      [...document.querySelectorAll('.app, .workspace, .workspace > section, .chat, .charts-pane__panel')]
        .filter((box) => box.checkVisibility())
        .filter(
          (box) => getComputedStyle(box).overflowY !== 'visible' || box.scrollHeight > box.clientHeight + 1,
        )
        .map((box) => box.className),
    );
    expect(cut).toEqual([]);
    const bottom = (selector: string) =>
      page
        .locator(selector)
        .last()
        .evaluate((element) => element.getBoundingClientRect().bottom);
    const top = (selector: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((element) => element.getBoundingClientRect().top);
    expect(await top('.charts-pane')).toBeGreaterThan(await bottom('.lane-text'));
    const chart = await byId('loss-chart').locator('svg.recharts-surface').boundingBox();
    expect(chart?.width).toBeGreaterThan(200);
    expect(chart?.height).toBeGreaterThan(100);
    await page.emulateMedia({ media: 'screen' });
  });

  it('never logged an error', () => {
    expect(window.complaints).toEqual([]);
  });
});
