/**
 * Lanes: added, copied and reordered; and in the narrowest window that is promised, 1280 pixels, where three fit and a
 * fourth is announced and in reach.
 */
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reasonToSkip } from '../../fixtures/browser-shell';
import { ARTEFACTS, type OpenWindow, openWindow } from './open-window';
import { runToEnd } from './run-to-end';

const PROMPT = 'Tom has 3 apples and buys 5 more. How many apples does he have?';
const skip = reasonToSkip();
if (skip !== null) console.warn(`End-to-end tests of the lanes are skipped: ${skip}.`);

describe.skipIf(skip !== null)('lanes at 1280 pixels', () => {
  let window: OpenWindow;

  beforeAll(async () => {
    window = await openWindow();
  });

  afterAll(async () => {
    await window?.close();
  });

  const addLane = async (name: RegExp) => {
    await window.byId('add-lane').click();
    await window.page.getByRole('menuitem', { name }).click();
  };
  /** The part of its width that lies within the pane. */
  const shareInView = async (lane: Locator) => {
    const [own, pane] = await Promise.all([
      lane.locator('.lane__head').boundingBox(),
      window.page.getByRole('region', { name: 'Turns' }).boundingBox(),
    ]);
    if (!own || !pane) throw new Error('not laid out');
    const right = Math.min(own.x + own.width, pane.x + pane.width);
    return Math.max(0, right - Math.max(own.x, pane.x)) / own.width;
  };

  it('stand side by side, three of them whole, and nothing else is pushed out', async () => {
    const { byId, page } = window;
    await addLane(/3 steps/);
    await byId('prompt').fill(PROMPT);
    await runToEnd(page, () => byId('run').click());
    for (const lane of ['baseline', 'slot', 'slot 3 steps'])
      expect(await shareInView(byId(`lane-${lane}`))).toBeGreaterThan(0.98);
    expect(await byId('lanes-beyond').count()).toBe(0);
    // With more than one lane that adapts the vocabulary has another choice in its head.
    await byId('tab-vocabulary').click();
    await byId('shift-lane').waitFor();
    const reach = await page
      .locator('.charts-pane__panel[data-state=active]')
      .evaluate((panel) => [panel.scrollWidth, panel.clientWidth]);
    expect(reach[0]).toBe(reach[1]);
  });

  it('are counted beyond the edge, and scroll into view', async () => {
    const { byId, page } = window;
    await addLane(/lr 1/);
    await runToEnd(page, () => byId('run').click());
    const last = byId('lane-slot lr 1');
    const beyond = byId('lanes-beyond').getByRole('button');
    expect(await shareInView(last)).toBeLessThan(0.5);
    await beyond.getByText('1 more lane ▸').click();
    await expect.poll(() => shareInView(last)).toBeGreaterThan(0.9);
    await beyond.getByText('◂ 1 more lane').click();
    await expect.poll(() => shareInView(byId('lane-baseline'))).toBeGreaterThan(0.9);
    expect(window.complaints).toEqual([]);
  });
});

describe.skipIf(skip !== null)('lanes in the settings', () => {
  let window: OpenWindow;

  beforeAll(async () => {
    window = await openWindow();
  });

  afterAll(async () => {
    await window?.close();
  });

  it('are added from presets, duplicated and reordered, and wear the dark theme', async () => {
    const { byId, page } = window;
    const screenshot = (name: string) => page.screenshot({ path: join(ARTEFACTS, `${name}.png`) });
    await byId('prompt').fill(PROMPT);
    await byId('add-lane').click();
    await page.getByRole('menuitem', { name: /SLOT lr 1/ }).click();
    await byId('lane-row-slot').getByRole('button', { name: /more$/ }).click();
    await page.getByRole('menuitem', { name: 'Duplicate' }).click();
    await byId('steps-slot copy').fill('3');
    await byId('name-slot copy').fill('slot 3');
    await runToEnd(page, () => byId('run').click());
    const heads = () => page.locator('.lane__head h2').allInnerTexts();
    expect(await heads()).toEqual(['baseline', 'slot', 'slot 3', 'slot lr 1']);
    await byId('lane-slot 3').getByRole('button', { name: /more$/ }).click();
    await page.getByRole('menuitem', { name: 'Move left' }).click();
    expect(await heads()).toEqual(['baseline', 'slot 3', 'slot', 'slot lr 1']);
    await page.setViewportSize({ width: 1920, height: 1080 });
    await byId('theme').click();
    await byId('theme').click();
    await screenshot('chat-lanes-dark-1920');
    await page.setViewportSize({ width: 1280, height: 720 });
    await screenshot('chat-lanes-dark');
    expect(window.complaints).toEqual([]);
  });
});
