/** The runs on disk in a real browser: kept, found, tagged, reopened, compared, exported, imported, deleted, undone. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Download, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeSafetensors } from '../../engine/runs/safetensors';
import { launchChromium, ROOT, reasonToSkip, type Server, startServer } from './browser-shell';
import { runToEnd } from './run-to-end';

const ARTEFACTS = join(ROOT, 'test/artefacts');
const APPLES = 'Tom has 3 apples and buys 5 more. How many apples does he have?';
const MARBLES = 'Anna has 9 marbles and gives 4 away. How many marbles are left?';
/** As the user sees it, hidden parts left out. */
const textOf = (locator: Locator) => locator.innerText();
const skip = reasonToSkip();
if (skip !== null) console.warn(`End-to-end tests of the stored runs are skipped: ${skip}.`);

describe.skipIf(skip !== null)('the stored runs', () => {
  const data = mkdtempSync(join(tmpdir(), 'slot-studio-runs-'));
  let server: Server;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  const byId = (id: string): Locator => page.getByTestId(id);
  const rows = () => byId('run-row');
  const row = (text: string) => rows().filter({ hasText: text });
  const shows = (read: () => Promise<string>, text: string | RegExp, timeout = 60_000) =>
    expect.poll(read, { timeout, interval: 50 }).toMatch(text);
  const screenshot = (name: string) => page.screenshot({ path: join(ARTEFACTS, `${name}.png`) });

  async function open(): Promise<void> {
    await page.goto(server.url);
    await shows(() => textOf(byId('model')), /starter/);
  }

  async function run(prompt: string): Promise<void> {
    await byId('prompt').fill(prompt);
    await runToEnd(page, () => byId('run').click());
  }

  async function openRuns(): Promise<void> {
    await page.keyboard.press('Control+o');
    await byId('runs-panel').waitFor();
  }

  async function saved(trigger: () => Promise<void>): Promise<{ name: string; bytes: Buffer }> {
    const [download] = await Promise.all([page.waitForEvent('download'), trigger()]);
    return { name: download.suggestedFilename(), bytes: await contents(download) };
  }

  /** From the export menu of one chart. */
  const savedChart = (chart: string, kind: 'CSV' | 'SVG' | 'PNG') =>
    saved(async () => {
      await byId(chart)
        .getByRole('button', { name: /^Export / })
        .click();
      await page.getByRole('menuitem', { name: new RegExp(`^${kind}`) }).click();
    });

  const importFile = (name: string, text: string) =>
    byId('import-file').setInputFiles({ name, mimeType: 'application/x-ndjson', buffer: Buffer.from(text) });

  beforeAll(async () => {
    mkdirSync(ARTEFACTS, { recursive: true });
    [server, browser] = await Promise.all([startServer(data), launchChromium()]);
    const context = await browser.newContext({
      viewport: { width: 1280, height: 720 },
      colorScheme: 'light',
      acceptDownloads: true,
    });
    page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
  });

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    rmSync(data, { recursive: true, force: true });
  });

  it('begin with an empty list that says what will be there', async () => {
    await open();
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
    await server.stop();
    server = await startServer(data);
    await open();
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

    const { bytes, name } = await savedChart('shift-scatter', 'CSV');
    expect(name).toMatch(/^slot-studio-compare-starter-20\d\d-\d\d-\d\d-\d{4}-shift-in-a-against-b\.csv$/);
    expect(bytes.toString().split('\r\n').length).toBeGreaterThan(1000);
    const svg = (await savedChart('shift-scatter', 'SVG')).bytes.toString();
    expect(svg).toMatch(/<image [^>]*href="data:image\/png/);
    writeFileSync(join(ARTEFACTS, 'scatter.png'), (await savedChart('shift-scatter', 'PNG')).bytes);
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

  it('export their charts as figures and pictures', async () => {
    await openRuns();
    await row('Anna has').locator('.run-row__open').click();
    await byId('stored-banner').waitFor();

    const csv = await savedChart('loss-chart', 'CSV');
    expect(csv.name).toMatch(/^slot-studio-starter-20\d\d-\d\d-\d\d-\d{4}-prompt-loss\.csv$/);
    const lines = csv.bytes.toString().trim().split('\r\n');
    expect(lines[0]).toBe('step,slot');
    expect(lines).toHaveLength(7);
    expect(lines[1]).toMatch(/^0,\d+\.\d{6,}$/);

    const svg = (await savedChart('loss-chart', 'SVG')).bytes.toString();
    writeFileSync(join(ARTEFACTS, 'loss.svg'), svg);
    const parsed = await page.evaluate((text) => {
      const root = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
      return { name: root.nodeName, paths: root.querySelectorAll('path').length, text: root.textContent };
    }, svg);
    expect(parsed).toMatchObject({ name: 'svg' });
    expect(parsed.paths).toBeGreaterThan(0);
    expect(parsed.text).toMatch(/Prompt loss/);
    expect(svg).not.toMatch(/var\(|class=|light-dark|foreignObject/);

    const { name, bytes } = await savedChart('loss-chart', 'PNG');
    writeFileSync(join(ARTEFACTS, 'loss.png'), bytes);
    expect(name).toMatch(/\.png$/);
    expect(bytes.subarray(0, 8)).toEqual(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'));
    expect(bytes.readUInt32BE(16)).toBeGreaterThan(600);
  });

  it('export every chart on screen from the menu in the bar, those of HTML as pictures too', async () => {
    await page.getByRole('tab', { name: 'Vocabulary' }).click();
    await byId('shift-bars').waitFor();
    const fromBar = (entry: string) =>
      saved(async () => {
        await byId('export').click();
        await page.getByRole('menuitem', { name: entry }).click();
      });
    await byId('export').click();
    const charts = await page.locator('.export-menu__title').allInnerTexts();
    expect(charts).toEqual(
      expect.arrayContaining(['Most moved tokens', 'Token groups', 'Prompt loss by token']),
    );
    await screenshot('export-menu-light');
    await page.keyboard.press('Escape');

    const bars = (await fromBar('Most moved tokens as PNG')).bytes;
    writeFileSync(join(ARTEFACTS, 'most-moved.png'), bars);
    expect(bars.readUInt32BE(20)).toBeGreaterThan(600);
    const groups = (await fromBar('Token groups as SVG')).bytes.toString();
    writeFileSync(join(ARTEFACTS, 'groups.svg'), groups);
    expect(groups).toMatch(/>reasoning/);
    // Bars that fall are hatched on screen; the file has the same pattern.
    expect(groups).toMatch(/<pattern /);
    expect(groups).not.toMatch(/var\(|class=|foreignObject/);
    const strip = (await fromBar('Prompt loss by token as CSV')).bytes.toString().trim().split('\r\n');
    expect(strip[0]).toBe('position,token,loss before,loss after step 5');
    expect(strip.at(-1)).toMatch(/^\d+,[\s\S]*,[\d.e-]+,[\d.e-]+$/);
  });

  it('export their events and vectors, and import the events again', async () => {
    const fromMenu = (entry: RegExp) =>
      saved(async () => {
        await byId('export').click();
        await page.getByRole('menuitem', { name: entry }).click();
      });
    const events = await fromMenu(/JSON Lines/);
    expect(events.name).toMatch(/^slot-studio-starter-20.*-run\.jsonl$/);
    const id: string = JSON.parse(events.bytes.toString().split('\n')[0] ?? '').runId;
    expect(events.bytes.equals(readFileSync(join(data, 'runs', id, 'events.jsonl')))).toBe(true);

    const vectors = await fromMenu(/safetensors/);
    expect(vectors.name).toMatch(/-delta\.safetensors$/);
    const tensors = decodeSafetensors(vectors.bytes);
    expect([...tensors.keys()]).toEqual(['slot.delta', 'slot.shift', 'slot.meanP', 'slot.baseMeanP']);
    expect(tensors.get('slot.delta')?.shape[0]).toBe(5);

    await openRuns();
    await importFile('copy.jsonl', events.bytes.toString());
    await expect.poll(() => rows().count()).toBe(4);
    await shows(() => textOf(byId('toast')), /Imported copy\.jsonl/);
    await byId('toast').getByRole('button', { name: 'Open' }).click();
    await expect.poll(() => byId('runs-panel').count()).toBe(0);
    await byId('stored-banner').waitFor();
    expect(await textOf(byId('lane-slot'))).toMatch(/\w/);
  });

  it('compare where vectors are missing from what the events list', async () => {
    await openRuns();
    const copies = row('Anna has').getByRole('checkbox');
    await copies.nth(0).check();
    await copies.nth(1).check();
    await byId('compare-chosen').click();
    await shows(() => textOf(byId('scatter-remark').first()), /are not kept here/);
    expect(await textOf(byId('correlation'))).toMatch(/r = \+1\.000 over \d\d tokens/);
    expect(await textOf(byId('settings-diff'))).toMatch(/None/);
    expect(await textOf(byId('compare-answers'))).toMatch(/The answers are the same/);
    await page.keyboard.press('Escape');
  });

  it('say which line of a file is wrong, and take in nothing of it', async () => {
    await openRuns();
    const good = await saved(async () => {
      await row('Anna has').first().getByRole('button', { name: 'Export this run' }).click();
      await page.getByRole('menuitem', { name: /JSON Lines/ }).click();
    });
    const lines = good.bytes.toString().trimEnd().split('\n');
    const problem = () => textOf(byId('import-error'));

    await importFile('truncated.jsonl', lines.slice(0, 20).join('\n'));
    await shows(problem, /truncated\.jsonl, line 20: the file ends before the run does/);
    await importFile('broken.jsonl', lines.with(4, '{"type":').join('\n'));
    await shows(problem, /broken\.jsonl, line 5: it is not JSON/);
    await screenshot('import-error-light');
    await importFile('newer.jsonl', lines.with(0, (lines[0] ?? '').replace('"v":1', '"v":99')).join('\n'));
    await shows(problem, /newer\.jsonl, line 1: the run was written in format 99[\s\S]*Update SLOT Studio/);
    await importFile('foreign.jsonl', '{"text":"hello"}\n');
    await shows(problem, /foreign\.jsonl, line 1/);
    expect(await rows().count()).toBe(4);
  });

  it('import a file that is dropped onto the window', async () => {
    await page.keyboard.press('Escape');
    const drop = async (text: string) => {
      const transfer = await page.evaluateHandle((content) => {
        const made = new DataTransfer();
        made.items.add(new File([content], 'dropped.jsonl'));
        return made;
      }, text);
      await page.dispatchEvent('body', 'dragover', { dataTransfer: transfer });
      await byId('drop-zone').waitFor();
      await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
    };
    await drop('no run');
    await shows(() => textOf(byId('import-error')), /dropped\.jsonl, line 1: it is not JSON/);
    expect(await byId('drop-zone').count()).toBe(0);
  });

  it('never logged an error', () => {
    // The old page tries its server once more while that is being restarted.
    expect(complaints.filter((text) => !text.includes('ERR_CONNECTION_REFUSED'))).toEqual([]);
  });
});

async function contents(download: Download): Promise<Buffer> {
  return readFileSync(await download.path());
}
