/** The runs on disk in a real browser: kept, found, tagged, reopened, compared, deleted, undone. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT, reasonToSkip, type Server, startServer } from '../../fixtures/browser-shell';
import { ARTEFACTS, type OpenWindow, openWindow } from './open-window';
import { runToEnd } from './run-to-end';
import { runsSheet, shows, textOf } from './runs-sheet';
import { savedChart } from './saved';

const APPLES = 'Tom has 3 apples and buys 5 more. How many apples does he have?';
const MARBLES = 'Anna has 9 marbles and gives 4 away. How many marbles are left?';
const skip = reasonToSkip();
if (skip !== null) console.warn(`End-to-end tests of the stored runs are skipped: ${skip}.`);

describe.skipIf(skip !== null)('the stored runs', () => {
  const data = mkdtempSync(join(tmpdir(), 'slot-studio-runs-'));
  let window: OpenWindow;
  let page: Page;
  /** In the place of the window's own, once that is stopped. */
  let restarted: Server | undefined;

  const { byId, rows, row, screenshot, openRuns } = runsSheet(() => page);

  async function run(prompt: string): Promise<void> {
    await byId('prompt').fill(prompt);
    await runToEnd(page, () => byId('run').click());
  }

  beforeAll(async () => {
    window = await openWindow({ dataFolder: data });
    page = window.page;
  });

  afterAll(async () => {
    await window?.close();
    await restarted?.stop();
    rmSync(data, { recursive: true, force: true });
  });

  it('begin with an empty list that says what will be there', async () => {
    await openRuns();
    expect(await textOf(byId('runs-empty'))).toMatch(/Every run is kept here/);
    await screenshot('runs-empty-light');
    await page.keyboard.press('Escape');
    await expect.poll(() => byId('runs-panel').count()).toBe(0);
  });

  it('list what was run here and on the command line, newest first', async () => {
    await run(APPLES);
    await run(MARBLES);
    const options = ['--prompt', APPLES, '--steps', '3', '--lr', '1', '--save'];
    execFileSync(process.execPath, ['--import', 'tsx', 'engine/cli/main.ts', 'run', ...options], {
      cwd: ROOT,
      env: { ...process.env, SLOT_STUDIO_DATA: data },
    });
    await openRuns();
    await expect.poll(() => rows().count()).toBe(3);
    expect(await textOf(rows().nth(0))).toMatch(/Tom has[\s\S]*slot 3 × 1 transformers[\s\S]*done/);
    expect(await textOf(rows().nth(1))).toMatch(
      /Anna has[\s\S]*starter · baseline, slot 5 × 0\.1[\s\S]*on screen/,
    );
    expect(await textOf(rows().nth(2))).toMatch(/Tom has[\s\S]*\d+ tokens/);
  });

  it('are tagged and noted, and found by either', async () => {
    await row('Anna has').getByRole('button', { name: 'Tag' }).click();
    await page.getByLabel('Tags').fill('subtraction, good');
    await page.getByLabel('Note').fill('Both lanes right. <b>Not</b> markup.');
    await page.getByRole('button', { name: 'Save' }).click();
    await shows(
      () => textOf(row('Anna has')),
      /subtraction\s+good\s+Both lanes right\. <b>Not<\/b> markup\./,
    );
    await screenshot('runs-light');

    await page.getByLabel('Filter runs').fill('right both');
    await expect.poll(() => rows().count()).toBe(1);
    await page.getByLabel('Filter runs').fill('no such run');
    await shows(() => textOf(byId('runs-panel')), /No run fits the filter/);
    await page.getByLabel('Filter runs').fill('');
    await page.getByRole('button', { name: 'subtraction', exact: true }).click();
    await expect.poll(() => rows().count()).toBe(1);
    await page.getByRole('button', { name: 'subtraction', exact: true }).click();
    await expect.poll(() => rows().count()).toBe(3);
  });

  it('are deleted and brought back', async () => {
    await row('Anna has').getByRole('button', { name: 'Delete' }).click();
    await expect.poll(() => rows().count()).toBe(2);
    await shows(() => textOf(byId('toast')), /Deleted the run “Anna has/);
    await byId('toast').getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => rows().count()).toBe(3);
    expect(await textOf(row('Anna has'))).toMatch(/subtraction/);
    await page.keyboard.press('Escape');
  });

  it('are reopened after a restart as they were, and left again', async () => {
    const figures = async () => {
      await byId('loss-chart').getByRole('button', { name: /table/ }).click();
      const text = await textOf(byId('loss-chart').locator('table'));
      await byId('loss-chart').getByRole('button', { name: /table/ }).click();
      return text;
    };
    const before = await figures();
    await window.server.stop();
    restarted = await startServer(data);
    await page.goto(restarted.url);
    await shows(() => textOf(byId('model')), /starter/);
    await openRuns();
    await row('Anna has').locator('.run-row__open').click();
    await shows(() => textOf(byId('stored-banner')), /Stored run of 20\d\d-.* with starter, done/);
    expect(await figures()).toBe(before);
    await screenshot('stored-run-light');

    await byId('prompt').fill('Something else');
    await page.getByRole('button', { name: 'Use its settings' }).click();
    expect(await byId('prompt').inputValue()).toBe(MARBLES);
    await byId('toast').getByRole('button', { name: 'Undo' }).click();
    expect(await byId('prompt').inputValue()).toBe('Something else');
    await byId('stored-banner')
      .getByRole('button', { name: /Close it|Back to/ })
      .click();
    await expect.poll(() => byId('stored-banner').count()).toBe(0);
  });

  it('are compared: settings, figures, curves, shifts and answers', async () => {
    await openRuns();
    await row('slot 3 × 1').getByRole('checkbox').check();
    await row('Tom has').filter({ hasText: '5 × 0.1' }).getByRole('checkbox').check();
    await byId('compare-chosen').click();
    const settings = () => textOf(byId('settings-diff'));
    await shows(settings, /steps\s+5\s+3/);
    expect(await settings()).toMatch(/learning rate\s+0\.1\s+1/);
    expect(await settings()).toMatch(/same: .*model/);
    expect(await textOf(byId('final-figures'))).toMatch(/loss after nats\s+\d\.\d{4}\s+\d\.\d{4}\s+[+−]\d/);
    await expect.poll(() => byId('compare-loss').locator('.recharts-line-curve').count()).toBe(2);
    await shows(() => textOf(byId('correlation')), /r = [+−]0\.\d{3} over [\d,]{4,} tokens/);
    expect(await textOf(byId('compare-answers'))).toMatch(/part at token \d+|are the same/);
    await byId('shift-scatter').locator('.scatter__plot').focus();
    await page.keyboard.press('ArrowRight');
    expect(await textOf(byId('scatter-readout'))).toMatch(/A [+−]\d.*, B [+−]\d.* logits/);
    await screenshot('compare-light');

    const { bytes, name } = await savedChart(page, 'shift-scatter', 'CSV');
    expect(name).toMatch(/^slot-studio-compare-starter-20\d\d-\d\d-\d\d-\d{4}-shift-in-a-against-b\.csv$/);
    expect(bytes.toString().split('\r\n').length).toBeGreaterThan(1000);
    const svg = (await savedChart(page, 'shift-scatter', 'SVG')).bytes.toString();
    expect(svg).toMatch(/<image [^>]*href="data:image\/png/);
    writeFileSync(join(ARTEFACTS, 'scatter.png'), (await savedChart(page, 'shift-scatter', 'PNG')).bytes);
  });

  it('compare the lanes of one run, and show the themes and sizes', async () => {
    await byId('compare-run-A').selectOption({ index: 1 });
    await byId('compare-run-B').selectOption({ index: 1 });
    await byId('compare-lane-A').selectOption('baseline');
    await shows(() => textOf(byId('settings-diff')), /lane\s+baseline\s+slot/);
    await shows(() => textOf(byId('shift-scatter')), /A took no step/);
    await byId('compare-run-A').selectOption({ index: 2 });
    await shows(() => textOf(byId('correlation')), /r = /);
    await page.emulateMedia({ colorScheme: 'dark' });
    await screenshot('compare-dark');
    await page.setViewportSize({ width: 1920, height: 1080 });
    await screenshot('compare-dark-1920');
    await page.keyboard.press('Escape');
    await openRuns();
    await screenshot('runs-dark-1920');
    await page.keyboard.press('Escape');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 1280, height: 720 });
  });

  it('are shown as damaged where they are, beside the others', async () => {
    mkdirSync(join(data, 'runs', 'lost', 'events.jsonl'), { recursive: true });
    const whole = readdirSync(join(data, 'runs')).find((name) => name !== 'lost') ?? '';
    const text = readFileSync(join(data, 'runs', whole, 'events.jsonl'), 'utf8');
    mkdirSync(join(data, 'runs', 'torn'));
    writeFileSync(
      join(data, 'runs', 'torn', 'events.jsonl'),
      text.split('\n').with(3, '{"type":"tok').join('\n'),
    );
    await openRuns();
    await expect.poll(() => rows().count()).toBe(5);
    const lost = row('Run lost');
    expect(await textOf(lost)).toMatch(/events\.jsonl is not a file\.[\s\S]*damaged/);
    expect(await lost.locator('.run-row__open').isDisabled()).toBe(true);
    const torn = page.locator('[data-run-id="torn"]');
    expect(await textOf(torn)).toMatch(/Line 4 of the stored run is damaged and left out\.[\s\S]*done/);
    await screenshot('runs-damaged-light');
    await lost.getByRole('button', { name: 'Delete' }).click();
    await expect.poll(() => rows().count()).toBe(4);
    await torn.locator('.run-row__open').click();
    await shows(() => textOf(page.locator('.notices')), /Line 4 of the stored run is damaged and left out\./);
  });

  it('never logged an error', () => {
    // The old page tries its server once more while that is being restarted.
    expect(window.complaints.filter((text) => !text.includes('ERR_CONNECTION_REFUSED'))).toEqual([]);
  });
});
