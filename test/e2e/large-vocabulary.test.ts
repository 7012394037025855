/** A vocabulary of 150,000 tokens in a real browser: filtered by pattern, and shown in every view. */
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reasonToSkip } from '../../fixtures/browser-shell';
import { playLargeEngine, SIZE, TOKENS } from './large-vocabulary';
import { type OpenWindow, openWindow } from './open-window';
import { runToEnd } from './run-to-end';

const PROMPT = 'Tom has 3 apples and buys 5 more. How many apples does he have?';
/** As the user sees it, hidden parts left out. */
const textOf = (locator: Locator) => locator.innerText();
const skip = reasonToSkip();
if (skip !== null) console.warn(`End-to-end tests of large vocabularies are skipped: ${skip}.`);

describe.skipIf(skip !== null)('a large vocabulary', () => {
  let window: OpenWindow;
  let page: Page;

  const byId = (id: string): Locator => page.getByTestId(id);
  const shows = (read: () => Promise<string>, text: string | RegExp, timeout = 60_000) =>
    expect.poll(read, { timeout, interval: 50 }).toMatch(text);
  const view = (name: string) => page.getByRole('radio', { name, exact: true }).click();
  const search = (text: string) => byId('token-search').getByRole('searchbox').fill(text);

  beforeAll(async () => {
    window = await openWindow({
      model: 'large',
      prepare: async (prepared) => {
        await playLargeEngine(prepared);
        await prepared.addInitScript(() => {
          const long: number[] = [];
          Reflect.set(globalThis, 'longTasks', long);
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) long.push(entry.duration);
          }).observe({ type: 'longtask' });
        });
      },
    });
    page = window.page;
  });

  afterAll(async () => {
    await window?.close();
  });

  it('is filtered by pattern, and outlives one that never ends', async () => {
    const longTasks = () => page.evaluate(() => (Reflect.get(globalThis, 'longTasks') as number[]).splice(0));
    const told = (long: readonly number[]) => long.map((ms) => ms.toFixed(0)).join(', ') || 'none';
    await byId('prompt').fill(PROMPT);
    await runToEnd(page, () => page.keyboard.press('Control+Enter'));
    await page.waitForTimeout(300);
    const starting = await longTasks();
    await byId('tab-vocabulary').click();
    await view('Table');
    const table = byId('vocabulary-table');
    const rows = () => table.getAttribute('aria-rowcount');
    await expect.poll(rows, { timeout: 20_000 }).toBe(String(SIZE + 1));
    await page.waitForTimeout(1_000);

    const reading = await longTasks();
    const session = await page.context().newCDPSession(page);
    // Time of the thread itself: what else the machine does is left out.
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    const busy = async () => {
      const { metrics } = await session.send('Performance.getMetrics');
      return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1000;
    };
    const patterns = ['/^ word\\d*7$/', '/^\\p{L}+1\\d*$/u', '/[02468]$/', '/(?<=part)9/'];
    const spent: number[] = [];
    for (const pattern of patterns) {
      const expression = new RegExp(pattern.slice(1, pattern.lastIndexOf('/')), 'u');
      const expected = TOKENS.filter((token) => expression.test(token)).length;
      const before = await busy();
      await search(pattern);
      await expect.poll(rows, { interval: 200 }).toBe(String(expected + 1));
      spent.push((await busy()) - before);
    }
    console.log(
      `150,000 tokens filtered by pattern: main thread ${spent.map((ms) => ms.toFixed(0)).join(', ')} ms each, ` +
        `all drawing included; tasks over 50 ms: ${told(await longTasks())}; while starting: ${told(starting)}; reading: ${told(reading)}`,
    );

    await view('Most moved');
    await byId('metric').selectOption('rank');
    await byId('shift-bars').locator('tbody tr').first().waitFor();
    await view('Heatmap');
    await byId('heatmap-step').waitFor();
    await view('Spread');
    await byId('histogram').waitFor();
    for (let i = 0; i < 2; i++) await page.keyboard.press('[');
    await page.waitForTimeout(600);
    console.log(`every view of it, and two steps back: tasks over 50 ms: ${told(await longTasks())}`);
    await view('Table');

    await search('/^(a+)+$/');
    await shows(() => textOf(byId('filter-problem')), /takes too long/);
    await search('/^ word30$/');
    await expect.poll(rows).toBe('2');
    expect(window.complaints).toEqual([]);
  });
});
