/** Answers while they are written: one lane is stopped, all are cancelled at once, and the page stays free meanwhile. */
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reasonToSkip } from '../../fixtures/browser-shell';
import { traceTasks } from './main-thread';
import { ARTEFACTS, type OpenWindow, openWindow } from './open-window';
import { runToEnd as finishRun } from './run-to-end';

const PROMPT =
  'Mia has 4 boxes with 6 pencils in each box. She gives 5 pencils to her brother. How many are left?';
/** As the user sees it, hidden parts left out. */
const textOf = (locator: Locator) => locator.innerText();
const skip = reasonToSkip();
if (skip !== null) console.warn(`End-to-end tests of streaming are skipped: ${skip}.`);

describe.skipIf(skip !== null)('answers as they are written', () => {
  let window: OpenWindow;
  let page: Page;

  const byId = (id: string): Locator => page.getByTestId(id);
  const shows = (read: () => Promise<string>, text: string | RegExp, timeout = 60_000) =>
    expect.poll(read, { timeout, interval: 50 }).toMatch(text);
  const status = () => textOf(byId('status'));
  const screenshot = (name: string) => page.screenshot({ path: join(ARTEFACTS, `${name}.png`) });
  const answers = (lane: string) => byId(`lane-${lane}`).getByTestId('lane-text');
  const runToEnd = (act: () => Promise<unknown>) => finishRun(page, act);

  beforeAll(async () => {
    window = await openWindow();
    page = window.page;
    await byId('prompt').fill(PROMPT);
    await byId('ignore-eos').check();
    // As many as the starter's context has room for: a run must still be writing when a lane is stopped.
    await byId('maxNewTokens').fill('400');
  });

  afterAll(async () => {
    await window?.close();
    expect(window?.complaints).toEqual([]);
  });

  it('stops one lane and lets the other write on', async () => {
    await byId('run').click();
    const stop = byId('lane-slot').getByRole('button', { name: 'Stop slot' });
    await expect
      .poll(() => byId('lane-slot').locator('.token').count(), { timeout: 60_000 })
      .toBeGreaterThan(5);
    await stop.click();
    await shows(() => textOf(byId('lane-slot')), /cut short/);
    const amount = await byId('lane-slot').locator('.token').count();
    const others = await byId('lane-baseline').locator('.token').count();
    await expect.poll(() => byId('lane-baseline').locator('.token').count()).toBeGreaterThan(others);
    expect(await byId('lane-slot').locator('.token').count()).toBe(amount);
    expect(await stop.count()).toBe(0);
    await page.keyboard.press('Escape');
    await shows(status, /Cancelled/);
  });

  it('cancels within 300 ms of the key, by the page’s own clock', async () => {
    await page.evaluate(() => {
      const marks = { pressed: 0, cancelled: 0 };
      Object.assign(window, { marks });
      document.addEventListener('keydown', () => (marks.pressed = performance.now()), { capture: true });
      new MutationObserver(() => {
        const text = document.querySelector('[data-testid="status"]')?.textContent ?? '';
        if (marks.cancelled === 0 && text.startsWith('Cancelled')) marks.cancelled = performance.now();
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    await byId('run').click();
    await expect
      .poll(() => byId('lane-slot').locator('.token').count(), { timeout: 60_000 })
      .toBeGreaterThan(5);
    await page.keyboard.press('Escape');
    await shows(status, /Cancelled/);
    const took = await page.evaluate(() => {
      const { marks } = window as unknown as { marks: { pressed: number; cancelled: number } };
      return marks.cancelled - marks.pressed;
    });
    console.info(`cancelled ${took.toFixed(0)} ms after the key`);
    expect(took).toBeGreaterThan(0);
    expect(took).toBeLessThan(300);
  });

  it('never holds the page up while two lanes write 500 tokens each', async () => {
    await byId('maxNewTokens').fill('500');
    // The starter model's context holds 512 tokens, the prompt's among them.
    await page.getByRole('radio', { name: 'Raw' }).first().click();
    await byId('prompt').fill('Tom has');
    await page.evaluate(() => {
      const tasks: number[] = [];
      Object.assign(window, { tasks });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) tasks.push(entry.duration);
      }).observe({ type: 'longtask' });
    });
    const traced = await traceTasks(window.browser, page, () => runToEnd(() => byId('run').click()));
    for (const lane of ['baseline', 'slot'])
      expect(await byId(`lane-${lane}`).locator('.token').count()).toBe(500);
    const tasks = await page.evaluate(() => (window as unknown as { tasks: number[] }).tasks);
    // The text is laid out in blocks, and looks as if it were not.
    const { blocks, height, whole } = await answers('slot').last().evaluate(heightsOf);
    expect(blocks).toBeGreaterThan(4);
    expect(height).toBeCloseTo(whole, 1);
    const ms = (value: number) => `${value.toFixed(0)} ms`;
    console.info(
      `${await status()}: ${tasks.length} long tasks, the longest ${ms(Math.max(0, ...tasks))}; of processor time ` +
        `${traced.over50Cpu} over 50 ms, the longest ${ms(traced.longestCpu)}`,
    );
    await screenshot('chat-500-light');
    // By processor time: what else the machine does stretches the wall clock's.
    expect(traced.longestCpu).toBeGreaterThan(0);
    // The figures are above; what fails here is a page that freezes.
    expect(traced.longestCpu).toBeLessThan(250);
  });
});

/** Of an answer's blocks together, and of the same text in one block. */
function heightsOf(answer: Element) {
  const blocks = [...answer.querySelectorAll<HTMLElement>('.lane-text__block')];
  for (const block of blocks) block.style.contentVisibility = 'visible';
  const height = blocks.reduce((sum, block) => sum + block.getBoundingClientRect().height, 0);
  const one = document.createElement('div');
  one.className = 'lane-text__block';
  one.style.contentVisibility = 'visible';
  one.append(...blocks.flatMap((block) => [...block.cloneNode(true).childNodes]));
  for (const space of one.querySelectorAll('.token__wrapped')) space.replaceWith(' ');
  answer.prepend(one);
  const whole = one.getBoundingClientRect().height;
  one.remove();
  for (const block of blocks) block.style.contentVisibility = '';
  return { blocks: blocks.length, height, whole };
}
