/** The window at the sizes of real desks, with scroll bars that take room: charts fit, texts have a width, nothing runs off sideways. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MINIMUM } from '../../electron/window-state';
import { reasonToSkip } from '../../fixtures/browser-shell';
import { type OpenWindow, openWindow } from './open-window';
import { below, overlapping } from './places';
import { runToEnd } from './run-to-end';

const DESKS = [
  { width: 1024, height: 700 },
  { width: 1280, height: 720 },
  { width: 1440, height: 900 },
  { width: 1920, height: 1080 },
  { width: 3840, height: 2160 },
] as const;
/** What is left of a screen at 200 % zoom, and of the smallest window. */
const ZOOMED = [
  { width: 640, height: 360 },
  { width: 720, height: 450 },
  MINIMUM,
  { width: MINIMUM.width / 2, height: MINIMUM.height / 2 },
] as const;
const PANEL = '.charts-pane__panel[data-state="active"]';
const PROMPT =
  'Mia has 4 boxes with 6 pencils in each box. She gives 5 pencils to her brother. How many are left?';

const skip = reasonToSkip();
if (skip !== null) console.warn(`End-to-end tests of the layout are skipped: ${skip}.`);

describe.skipIf(skip !== null)('the layout', () => {
  let window: OpenWindow;
  let page: Page;
  const byId = (id: string) => page.getByTestId(id);

  beforeAll(async () => {
    window = await openWindow();
    page = window.page;
  });

  afterAll(async () => {
    await window?.close();
  });

  it('is tried with bars that take room', async () => {
    const bar = await page.evaluate(() => {
      const box = document.createElement('div');
      box.style.cssText = 'width:100px;height:50px;overflow:scroll;position:fixed';
      document.body.append(box);
      const taken = box.offsetWidth - box.clientWidth;
      box.remove();
      return taken;
    });
    expect(bar).toBeGreaterThan(0);
  });

  it.each(ZOOMED)('runs off nowhere at $width × $height while empty', async (size) => {
    await resize(size);
    expect(await sideways()).toEqual([]);
  });

  it('fits every chart after one turn', async () => {
    await resize({ width: 1280, height: 720 });
    await byId('prompt').fill(PROMPT);
    await runToEnd(page, () => byId('run').click());
    await chartsFit();
  });

  it('fits every chart after a second turn, growing and shrinking', async () => {
    await resize({ width: 1280, height: 720 });
    await byId('follow-up').fill('And if she gives away 2 more to her sister, who lives in Rome?');
    await runToEnd(page, () => page.keyboard.press('Enter'));
    await chartsFit();
    await chartsFit(DESKS.toReversed());
  });

  it('gives a turn’s own text room at every size', async () => {
    for (const size of DESKS) {
      await resize(size);
      const widths = await widthsOf('.user-band__text');
      expect(widths).toHaveLength(2);
      for (const width of widths) expect(width, `at ${size.width}`).toBeGreaterThanOrEqual(200);
    }
  });

  it('gives answers a readable measure on a wide screen', async () => {
    await resize({ width: 3840, height: 2160 });
    for (const width of await widthsOf('.lane-text')) {
      expect(width).toBeGreaterThan(400);
      expect(width).toBeLessThan(800);
    }
  });

  it('fits the charts of every tab', async () => {
    await byId('tab-vocabulary').click();
    for (const size of DESKS) {
      await resize(size);
      for (const view of ['Most moved', 'Table', 'Heatmap', 'Spread']) {
        await page.getByRole('radio', { name: view }).click();
        await expectNone(barsInCharts, `${view} at ${size.width}`);
      }
    }
    await byId('lane-slot').locator('[data-index="2"]').last().click();
    for (const size of DESKS) {
      await resize(size);
      await expectNone(sideways, `token at ${size.width}`);
    }
    await byId('tab-optimisation').click();
  });

  it('fits the charts of a comparison', async () => {
    await byId('compare').click();
    await byId('compare-view').locator('.recharts-line-curve').first().waitFor();
    for (const size of [...DESKS, ...ZOOMED]) {
      await resize(size);
      await expectNone(barsInCharts, `compare at ${size.width}`);
      await expectNone(sideways, `compare at ${size.width}`);
      const parts = '.compare-panel, .compare__body .chart, .compare-answers';
      await expectNone(() => overlapping(page, parts), `compare at ${size.width}`);
    }
    await page.keyboard.press('Escape');
  });

  it.each(ZOOMED)('shows one pane at a time at $width × $height, none of them cut off', async (size) => {
    await resize(size);
    for (const pane of ['Prompt', 'Answers', 'Charts']) {
      await byId('pane-switch').getByRole('radio', { name: pane }).click();
      await expectNone(sideways, `${pane} at ${size.width}`);
    }
    expect(await byId('step-slider').isVisible()).toBe(true);
    await byId('pane-switch').getByRole('radio', { name: 'Answers' }).click();
    for (const width of await widthsOf('.user-band__text')) expect(width).toBeGreaterThanOrEqual(200);
    for (const [opener, opened] of [
      ['model', 'model-folder'],
      ['runs', 'runs-panel'],
    ] as const) {
      await byId(opener).click();
      await byId(opened).waitFor();
      await expectNone(sideways, `${opener} at ${size.width}`);
      await page.keyboard.press('Escape');
    }
    await page.keyboard.press('Control+m');
    await byId('verdict').waitFor();
    await expectNone(sideways, `models at ${size.width}`);
    await page.keyboard.press('Escape');
    await byId('models').waitFor({ state: 'detached' });
  });

  it('brings what a narrow window is asked for into sight', async () => {
    await resize(ZOOMED[1]);
    await byId('pane-switch').getByRole('radio', { name: 'Answers' }).click();
    await byId('lane-slot').locator('[data-index="1"]').last().click();
    await byId('token-panel').waitFor();
    await runToEnd(page, () => byId('run').click());
    await expect.poll(() => byId('lane-slot').isVisible()).toBe(true);
    await byId('pane-switch').getByRole('radio', { name: 'Prompt' }).click();
    await byId('steps-slot').fill('5000');
    await byId('pane-switch').getByRole('radio', { name: 'Answers' }).click();
    await page.keyboard.press('Control+Enter');
    await expect
      .poll(() => byId('steps-slot').evaluate((input) => input === document.activeElement))
      .toBe(true);
    await byId('steps-slot').fill('5');
  });

  it('never logged an error', () => {
    expect(window.complaints).toEqual([]);
  });

  async function resize({
    width,
    height,
  }: {
    readonly width: number;
    readonly height: number;
  }): Promise<void> {
    await page.setViewportSize({ width, height });
    // Charts are drawn anew a frame after they are told, one at a time.
    await page.evaluate(() => new Promise((done) => setTimeout(done, 150)));
  }

  async function chartsFit(sizes: readonly { width: number; height: number }[] = DESKS): Promise<void> {
    for (const size of sizes) {
      await resize(size);
      await expectNone(barsInCharts, `at ${size.width}`);
      await expectNone(sideways, `at ${size.width}`);
      // All four are seen without scrolling; in a low window what follows them is not.
      await expectNone(() => below(page, '.optimisation > .chart', PANEL), `at ${size.width}`);
    }
  }

  /** Once the frames that a new size takes have been drawn. */
  async function expectNone(find: () => Promise<string[]>, where: string): Promise<void> {
    await expect.poll(find, { timeout: 5_000, message: where }).toEqual([]);
  }

  async function barsInCharts(): Promise<string[]> {
    const boxes = '.chart__body, .scatter__plot, .heatmap__cells, .histogram';
    return [...(await overflowing(boxes, 'x')), ...(await overflowing(boxes, 'y'))];
  }

  /** What would have to be scrolled sideways. A table of the whole vocabulary may be. */
  async function sideways(): Promise<string[]> {
    return overflowing(
      'html, .app, .pane, .sheet__body, .models, .models__content, .card-pane, .compare, .compare__body, .compare__facts, .popover, .chart__head, .top-bar',
      'x',
    );
  }

  function overflowing(selector: string, axis: 'x' | 'y'): Promise<string[]> {
    return page.evaluate(
      ([boxes = '', along = '']) =>
        [...document.querySelectorAll<HTMLElement>(boxes)]
          .filter((box) => box.checkVisibility({ visibilityProperty: true }))
          .filter((box) =>
            along === 'x' ? box.scrollWidth > box.clientWidth : box.scrollHeight > box.clientHeight,
          )
          .map(
            (box) =>
              `${box.tagName}.${box.className} ${along} ${box.scrollWidth}×${box.scrollHeight} in ${box.clientWidth}×${box.clientHeight}`,
          ),
      [selector, axis],
    );
  }

  function widthsOf(selector: string): Promise<number[]> {
    return page.evaluate(
      (texts) => [...document.querySelectorAll(texts)].map((text) => text.getBoundingClientRect().width),
      selector,
    );
  }
});
