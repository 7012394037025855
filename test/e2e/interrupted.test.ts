/** A run whose engine was killed: what had arrived is kept, reads as interrupted, and survives export and import. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunEvent } from '../../engine/protocol';
import { reasonToSkip } from '../../fixtures/browser-shell';
import { type OpenWindow, openWindow } from './open-window';

const STEPS = 1000;
const skip = process.platform === 'linux' ? reasonToSkip() : 'the engine is found through /proc';
if (skip !== null) console.warn(`End-to-end tests of interrupted runs are skipped: ${skip}.`);

describe.skipIf(skip !== null)('a run whose engine was killed', () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'slot-studio-interrupted-'));
  let window: OpenWindow;

  beforeAll(async () => {
    window = await openWindow({ dataFolder });
  });

  afterAll(async () => {
    await window?.close();
    rmSync(dataFolder, { recursive: true, force: true });
  });

  it('is exported with what had arrived, and imported again as it was', async () => {
    const { byId, page, server } = window;
    const rows = byId('run-row');
    const status = () => byId('status').innerText();
    await byId('prompt').fill('Tom has 3 apples and buys 5 more.');
    await byId('steps-slot').fill(String(STEPS));
    await byId('run').click();
    await expect.poll(status, { interval: 10 }).toMatch(/SLOT step [1-9]\d/);
    const [engine = 0] = server.enginePids();
    expect(engine).toBeGreaterThan(1);
    process.kill(engine, 'SIGKILL');
    await page.getByRole('button', { name: 'Restart engine' }).click();
    await byId('engine-banner').waitFor({ state: 'detached', timeout: 60_000 });

    await page.keyboard.press('Control+o');
    await rows.getByText('interrupted').waitFor();
    await rows.getByRole('button', { name: 'Export this run' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: /JSON Lines/ }).click(),
    ]);
    const text = readFileSync(await download.path(), 'utf8');
    const lines = text.trimEnd().split('\n');
    const events = lines.map((line) => RunEvent.parse(JSON.parse(line)));
    const steps = events.filter(({ type }) => type === 'slot.step').length;
    expect(steps).toBeGreaterThan(9);
    expect(steps).toBeLessThan(STEPS);
    expect(events.at(-1)).toMatchObject({ type: 'run.failed', code: 'interrupted' });

    await byId('import-file').setInputFiles({
      name: 'killed.jsonl',
      mimeType: 'application/x-ndjson',
      buffer: Buffer.from(text),
    });
    await byId('toast').getByRole('button', { name: 'Open' }).click();
    await byId('stored-banner').waitFor();
    await byId('tab-optimisation').click();
    const chart = byId('loss-chart');
    await chart.getByRole('button', { name: /as a table/ }).click();
    await expect.poll(() => chart.locator('tbody tr').count()).toBe(steps);
    expect(await chart.locator('tbody tr').last().locator('td').first().innerText()).toBe(String(steps - 1));
    await page.keyboard.press('Control+o');
    await expect.poll(() => rows.count()).toBe(2);
  });
});
