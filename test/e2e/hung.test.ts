/** An engine that hangs in mid-run: the window says so, the user waits or restarts it, and nothing typed or kept is lost. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reasonToSkip } from '../../fixtures/browser-shell';
import { ARTEFACTS, type OpenWindow, openWindow } from './open-window';
import { runToEnd } from './run-to-end';

const PROMPT = 'Tom has 3 apples and buys 5 more.';
const skip = process.platform === 'linux' ? reasonToSkip() : 'the engine is found through /proc';
if (skip !== null) console.warn(`End-to-end tests of a hung engine are skipped: ${skip}.`);

describe.skipIf(skip !== null)('an engine that hangs', () => {
  let window: OpenWindow;
  const banner = () => window.byId('engine-banner');
  const bannerText = () =>
    banner()
      .innerText({ timeout: 500 })
      .catch(() => '');
  const status = () => window.byId('status').innerText();

  beforeAll(async () => {
    window = await openWindow();
  });

  afterAll(() => window?.close());

  async function runUntilSteps(): Promise<number> {
    await window.byId('steps-slot').fill('1000');
    await window.byId('run').click();
    await expect.poll(status, { interval: 10, timeout: 30_000 }).toMatch(/SLOT step [1-9]\d/);
    const [engine = 0] = window.server.enginePids();
    expect(engine).toBeGreaterThan(1);
    return engine;
  }

  it('is told with the time that has passed, and goes on where the user waits', async () => {
    const { byId, page } = window;
    await byId('prompt').fill(PROMPT);
    const engine = await runUntilSteps();
    process.kill(engine, 'SIGSTOP');
    await expect.poll(bannerText, { timeout: 60_000 }).toMatch(/The engine does not answer\. 1\d s/);
    await page.screenshot({ path: join(ARTEFACTS, 'engine-silent-light.png') });
    await page.getByRole('button', { name: 'Wait' }).click();
    expect(await banner().count()).toBe(0);
    process.kill(engine, 'SIGCONT');
    await byId('cancel').click();
    await expect.poll(status, { timeout: 30_000 }).toMatch(/Cancelled/);
    expect(window.server.enginePids()).toEqual([engine]);
  });

  it('and does not hear a cancel is killed and replaced; prompt, steps and the stored run are kept', async () => {
    const { byId, page } = window;
    const engine = await runUntilSteps();
    process.kill(engine, 'SIGSTOP');
    await byId('prompt').fill(`${PROMPT} How many has he?`);
    await byId('cancel').click();
    await expect.poll(bannerText, { timeout: 60_000 }).toMatch(/does not hear the cancel/);
    await page.screenshot({ path: join(ARTEFACTS, 'engine-deaf-light.png') });
    await byId('theme').click();
    await byId('theme').click();
    await page.screenshot({ path: join(ARTEFACTS, 'engine-deaf-dark.png') });
    await page.getByRole('button', { name: 'Restart engine' }).click();
    await banner().waitFor({ state: 'detached', timeout: 60_000 });

    expect(window.server.enginePids()).not.toContain(engine);
    expect(await byId('prompt').inputValue()).toBe(`${PROMPT} How many has he?`);
    await byId('model').getByText('starter').waitFor();
    await page.keyboard.press('Control+o');
    await byId('run-row').getByText('interrupted').waitFor();
    await page.keyboard.press('Escape');
    await byId('steps-slot').fill('5');
    await runToEnd(page, () => byId('run').click());
    expect(window.complaints).toEqual([]);
  });
});
