/** What leaves the window and comes back: charts as figures and pictures, runs as events and vectors, good and bad files. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeSafetensors } from '../../engine/runs/safetensors';
import { reasonToSkip } from '../../fixtures/browser-shell';
import { ARTEFACTS, type OpenWindow, openWindow } from './open-window';
import { runsSheet, shows, textOf } from './runs-sheet';
import { type Saved, saved, savedChart } from './saved';

const MARBLES = 'Anna has 9 marbles and gives 4 away. How many marbles are left?';
const skip = reasonToSkip();
if (skip !== null) console.warn(`End-to-end tests of exports and imports are skipped: ${skip}.`);

describe.skipIf(skip !== null)('exports and imports', () => {
  const data = mkdtempSync(join(tmpdir(), 'slot-studio-exports-'));
  let window: OpenWindow;
  let page: Page;
  let vectors: Saved;

  const { byId, rows, row, screenshot, openRuns } = runsSheet(() => page);

  const importFile = (name: string, text: string) =>
    byId('import-file').setInputFiles({ name, mimeType: 'application/x-ndjson', buffer: Buffer.from(text) });

  beforeAll(async () => {
    window = await openWindow({ dataFolder: data });
    page = window.page;
    await byId('prompt').fill(MARBLES);
    await byId('run').click();
    await byId('status').getByText('Finished').waitFor();
    await byId('new-conversation').click();
  });

  afterAll(async () => {
    await window?.close();
    rmSync(data, { recursive: true, force: true });
    expect(window?.complaints).toEqual([]);
  });

  it('export their charts as figures and pictures', async () => {
    await openRuns();
    await row('Anna has').locator('.run-row__open').click();
    await byId('stored-banner').waitFor();

    const csv = await savedChart(page, 'loss-chart', 'CSV');
    expect(csv.name).toMatch(/^slot-studio-starter-20\d\d-\d\d-\d\d-\d{4}-prompt-loss\.csv$/);
    const lines = csv.bytes.toString().trimEnd().split('\r\n');
    expect(lines[0]).toBe('\uFEFFstep,slot');
    expect(lines).toHaveLength(7);
    expect(lines[1]).toMatch(/^0,\d+\.\d{6,}$/);

    const svg = (await savedChart(page, 'loss-chart', 'SVG')).bytes.toString();
    writeFileSync(join(ARTEFACTS, 'loss.svg'), svg);
    const parsed = await page.evaluate((text) => {
      const root = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
      return { name: root.nodeName, paths: root.querySelectorAll('path').length, text: root.textContent };
    }, svg);
    expect(parsed).toMatchObject({ name: 'svg' });
    expect(parsed.paths).toBeGreaterThan(0);
    expect(parsed.text).toMatch(/Prompt loss/);
    expect(svg).not.toMatch(/var\(|class=|light-dark|foreignObject/);

    const { name, bytes } = await savedChart(page, 'loss-chart', 'PNG');
    writeFileSync(join(ARTEFACTS, 'loss.png'), bytes);
    expect(name).toMatch(/\.png$/);
    expect(bytes.subarray(0, 8)).toEqual(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'));
    expect(bytes.readUInt32BE(16)).toBeGreaterThan(600);
  });

  it('export every chart on screen from the menu in the bar, those of HTML as pictures too', async () => {
    await page.getByRole('tab', { name: 'Vocabulary' }).click();
    await byId('shift-bars').waitFor();
    const fromBar = (entry: string) =>
      saved(page, async () => {
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
    const strip = (await fromBar('Prompt loss by token as CSV')).bytes.toString().trimEnd().split('\r\n');
    expect(strip[0]).toBe('\uFEFFposition,id,token (JSON),loss before,loss after step 5');
    expect(strip.at(-1)).toMatch(/^\d+,\d+,""".*""",[\d.e-]+,[\d.e-]+$/);
  });

  it('export their events and vectors, and import the events again', async () => {
    const fromMenu = (entry: RegExp) =>
      saved(page, async () => {
        await byId('export').click();
        await page.getByRole('menuitem', { name: entry }).click();
      });
    const events = await fromMenu(/JSON Lines/);
    expect(events.name).toMatch(/^slot-studio-starter-20.*-run\.jsonl$/);
    const id: string = JSON.parse(events.bytes.toString().split('\n')[0] ?? '').runId;
    expect(events.bytes.equals(readFileSync(join(data, 'runs', id, 'events.jsonl')))).toBe(true);

    vectors = await fromMenu(/safetensors/);
    expect(vectors.name).toMatch(/-delta\.safetensors$/);
    const tensors = decodeSafetensors(vectors.bytes);
    expect([...tensors.keys()]).toEqual(['slot.delta', 'slot.shift', 'slot.meanP', 'slot.baseMeanP']);
    expect(tensors.get('slot.delta')?.shape[0]).toBe(5);

    await openRuns();
    await importFile('copy.jsonl', events.bytes.toString());
    await expect.poll(() => rows().count()).toBe(2);
    await shows(() => textOf(byId('toast')), /Imported copy\.jsonl/);
    await byId('toast').getByRole('button', { name: 'Open' }).click();
    await expect.poll(() => byId('runs-panel').count()).toBe(0);
    await byId('stored-banner').waitFor();
    expect(await textOf(byId('lane-slot'))).toMatch(/\w/);
  });

  it('show an imported run without its vectors as what it is, and with them as it was', async () => {
    await page.getByRole('tab', { name: 'Vocabulary' }).click();
    await shows(() => textOf(byId('vocabulary-absent')), /came without its vectors/);
    expect(await page.getByRole('alert').count()).toBe(0);
    await screenshot('imported-without-vectors');
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
    const good = await saved(page, async () => {
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
    await importFile('newer.jsonl', lines.with(0, (lines[0] ?? '').replace(/"v":\d+/, '"v":99')).join('\n'));
    await shows(problem, /newer\.jsonl, line 1: the run was written in format 99[\s\S]*Update SLOT Studio/);
    await importFile('foreign.jsonl', '{"text":"hello"}\n');
    await shows(problem, /foreign\.jsonl, line 1/);
    expect(await rows().count()).toBe(2);
  });

  it('bring an imported run its vectors', async () => {
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await page.keyboard.press('Escape');
    await byId('stored-banner').waitFor();
    await openRuns();
    await byId('import-file').setInputFiles({
      name: 'x.safetensors',
      mimeType: '',
      buffer: Buffer.from('{}'),
    });
    await shows(() => textOf(byId('import-error')), /x\.safetensors, .*damaged/);
    await byId('import-file').setInputFiles({
      name: 'delta.safetensors',
      mimeType: '',
      buffer: vectors.bytes,
    });
    await shows(() => textOf(byId('toast')), /Imported delta\.safetensors/);
    await byId('toast').getByRole('button', { name: 'Open' }).click();
    await expect.poll(() => byId('runs-panel').count()).toBe(0);
    await page.getByRole('radio', { name: 'Table' }).click();
    await expect.poll(() => byId('vocabulary-table').getByRole('row').count()).toBeGreaterThan(5);
    await screenshot('imported-with-vectors');
    await page.getByRole('radio', { name: 'Most moved' }).click();
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
});
