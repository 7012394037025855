/** A run exported as a page, opened from disk in a browser that has nothing else: what it shows, and that it asks for nothing. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reasonToSkip } from '../../fixtures/browser-shell';
import { ARTEFACTS, type OpenWindow, openWindow } from './open-window';
import { saved } from './saved';

/** Text that would leave a data block, or become an element, were it written as it is. */
const HOSTILE =
  'Anna has 9 marbles </script><img src="https://example.com/x" onerror="document.title=1"> & gives 4 away. How many are left? <!--';
const skip = reasonToSkip();
if (skip !== null) console.warn(`End-to-end tests of exported pages are skipped: ${skip}.`);

describe.skipIf(skip !== null)('a page that carries a run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'slot-studio-page-'));
  let window: OpenWindow;
  const complaints: string[] = [];
  const requests: string[] = [];

  const exported = async (entry: RegExp): Promise<string> => {
    const { name, bytes } = await saved(window.page, async () => {
      await window.byId('export').click();
      await window.page.getByRole('menuitem', { name: entry }).click();
    });
    const file = join(folder, `${Date.now()}-${name}`);
    writeFileSync(file, bytes);
    return file;
  };

  /** @param shows an element of what it should show */
  async function opened(file: string, shows = 'step-slider'): Promise<Page> {
    const page = await window.browser.newPage({
      viewport: { width: 1280, height: 720 },
      colorScheme: 'light',
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    await page.getByTestId(shows).waitFor();
    return page;
  }

  beforeAll(async () => {
    window = await openWindow();
    await window.byId('prompt').fill(HOSTILE);
    await window.byId('run').click();
    await window.byId('status').getByText('Finished').waitFor();
  });

  afterAll(async () => {
    await window?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('shows answers, charts and every token, and asks nothing of anyone', async () => {
    const page = await opened(await exported(/^Page \(HTML\) opens/));
    expect(await page.getByTestId('user-turn-1').innerText()).toContain(HOSTILE);
    const answers = await window.page.locator('.lane .token').allTextContents();
    expect(await page.locator('.lane .token').allTextContents()).toEqual(answers);

    await page.getByRole('tab', { name: 'Vocabulary' }).click();
    await page.getByTestId('shift-bars').waitFor();
    await page.screenshot({ path: join(ARTEFACTS, 'page-vocabulary.png') });
    await page.getByRole('radio', { name: 'Table' }).click();
    // Searched for in a worker, of which the page has the code in itself.
    await page.getByTestId('token-search').getByRole('searchbox').fill('marbl');
    await expect.poll(() => page.getByTestId('filter-count').innerText()).toMatch(/^1\s+of 4,096\s+token$/);
    expect(await page.getByTestId('vocabulary-table').innerText()).toContain('marbles');
    await page.screenshot({ path: join(ARTEFACTS, 'page-table.png') });

    const figures = () => page.getByTestId('step-figures').innerText();
    expect(await figures()).toMatch(/^5 of 5/);
    await page.getByTestId('step-slider').focus();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(figures).toMatch(/^4 of 5/);
    await page.getByRole('tab', { name: 'Optimisation' }).click();
    await page.getByTestId('loss-chart').waitFor();
    await page.getByTestId('loss-chart').hover();
    await page.screenshot({ path: join(ARTEFACTS, 'page-optimisation.png') });
    await page.close();
  });

  it('is as large as it says without the vocabulary too', async () => {
    const page = await opened(await exported(/^Page \(HTML\), smaller/));
    await page.getByRole('tab', { name: 'Vocabulary' }).click();
    await page.getByText('made without the whole vocabulary').waitFor();
    await page.screenshot({ path: join(ARTEFACTS, 'page-smaller.png') });
    await page.close();
  });

  it('compares the two runs that it was made of', async () => {
    await window.byId('prompt').fill('Tom has 3 apples and buys 5 more. How many apples does he have?');
    await window.byId('run').click();
    await window.byId('status').getByText('Finished').waitFor();
    await window.page.keyboard.press('Control+o');
    const rows = window.byId('run-row').getByRole('checkbox');
    await rows.nth(0).check();
    await rows.nth(1).check();
    await window.page.getByRole('button', { name: /^Compare/ }).click();
    await window.byId('compare-view').waitFor();
    const { name, bytes } = await saved(window.page, () =>
      window.page.getByRole('button', { name: 'Export as page' }).click(),
    );
    expect(name).toMatch(/-comparison\.html$/);
    writeFileSync(join(folder, name), bytes);
    const page = await opened(join(folder, name));
    await page.getByRole('button', { name: 'Compare' }).click();
    const differing = page.getByTestId('settings-diff');
    await differing.getByText('Tom has 3 apples').waitFor();
    await page.screenshot({ path: join(ARTEFACTS, 'page-compare.png') });
    await page.close();
  });

  it('shows an evaluation: its table, what may be claimed, and every answer', async () => {
    await window.byId('compare-view').getByRole('button', { name: 'Close' }).click();
    await window.page.keyboard.press('Control+e');
    await window.byId('evaluation-limit').fill('4');
    await window.byId('evaluation-steps').fill('2');
    await window.byId('start-evaluation').click();
    await window.byId('job-state').getByText('done').waitFor();
    await window.byId('job-tab-results').click();
    const { bytes } = await saved(window.page, async () => {
      await window.byId('export-job').click();
      await window.page.getByRole('menuitem', { name: /^Page/ }).click();
    });
    const file = join(folder, 'evaluation.html');
    writeFileSync(file, bytes);
    const page = await opened(file, 'claims');
    const claims = await page.getByTestId('claims').innerText();
    // The window's own come a moment after the last answer.
    await expect.poll(() => window.byId('claims').innerText()).toBe(claims);
    expect(await page.getByTestId('lane-figures').count()).toBe(2);
    expect(await page.getByRole('button', { name: /^(Delete|Resume|Rename|Grade anew)/ }).count()).toBe(0);
    await page.screenshot({ path: join(ARTEFACTS, 'page-evaluation.png') });

    await page.getByTestId('job-tab-problems').click();
    await page.getByTestId('matrix').focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('problem-page').getByText('gold answer').waitFor();
    await page.screenshot({ path: join(ARTEFACTS, 'page-problem.png') });
    await page.getByTestId('leave-problem').click();
    await page.getByTestId('job-tab-tokens').click();
    await page.locator('.job__panel[data-state="active"] table').first().waitFor();
    await page.close();
  });

  it('asked for no file but itself', () => {
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !/^(file|blob|data):/.test(url))).toEqual([]);
    expect(requests.filter((url) => url.startsWith('file:'))).toHaveLength(4);
  });
});
