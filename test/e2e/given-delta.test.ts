/** Deltas of stored runs in the window: scaled by a slider, given to a lane of another prompt, held to each other. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reasonToSkip } from '../../fixtures/browser-shell';
import { ARTEFACTS, type OpenWindow, openWindow } from './open-window';
import { runToEnd } from './run-to-end';
import { savedChart } from './saved';

const skip = reasonToSkip();
if (skip !== null) console.warn(`End-to-end tests of given deltas are skipped: ${skip}.`);

let window: OpenWindow;
const byId = (id: string) => window.byId(id);

async function ask(prompt: string): Promise<void> {
  await byId('prompt').fill(prompt);
  await runToEnd(window.page, () => byId('run').click());
}

const headOf = (lane: string) => byId(`lane-${lane}`).locator('.lane__settings').innerText();

async function pictures(name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const)
    for (const [width, height] of [
      [1280, 720],
      [1024, 700],
    ] as const) {
      await window.page.emulateMedia({ colorScheme });
      await window.page.setViewportSize({ width, height });
      await window.page.screenshot({ path: join(ARTEFACTS, `${name}-${colorScheme}-${width}.png`) });
    }
  await window.page.emulateMedia({ colorScheme: 'light' });
  await window.page.setViewportSize({ width: 1280, height: 720 });
}

describe.skipIf(skip !== null)('a delta', () => {
  beforeAll(async () => {
    window = await openWindow();
    await byId('maxNewTokens').fill('16');
  });

  afterAll(async () => {
    await window?.close();
  });

  it('is scaled by a slider, which the charts follow, and runs with it', async () => {
    await ask('Tom has 3 apples. He buys 5 more. How many apples does Tom have?');
    await window.page.getByRole('tab', { name: 'Vocabulary' }).click();
    const first = async () => (await byId('shift-bars').textContent()) ?? '';
    const before = await first();
    const slider = byId('scale-delta');
    await slider.fill('-1');
    await expect.poll(() => byId('scaled-loss').textContent()).toMatch(/prompt loss \d\.\d{3} → \d\.\d{3}/);
    await expect.poll(first).not.toBe(before);
    await pictures('scaled-delta');
    // What is drawn by step follows as well; what shows the run as it was says so.
    await window.page.getByRole('radio', { name: 'Heatmap' }).click();
    const cells = async () => (await byId('heatmap').textContent()) ?? '';
    await expect.poll(cells).toContain('delta × −1.0');
    await slider.fill('2');
    await expect.poll(cells).toContain('delta × 2.0');
    await expect.poll(() => byId('prompt-strip').textContent()).toContain('as learned, not delta × 2.0');
    await byId('tab-token').click();
    expect(
      await window.page.locator('.charts-pane').getByTestId('unscaled-note').first().textContent(),
    ).toContain('delta × 2.0');
    await byId('tab-vocabulary').click();
    await window.page.getByRole('radio', { name: 'Most moved' }).click();
    await slider.fill('-1');
    await expect.poll(() => byId('scaled-loss').getAttribute('aria-busy')).toBe('false');
    await runToEnd(window.page, () => byId('run-scaled').click());
    expect(await headOf('slot × -1')).toMatch(/^given delta: − slot of run \w{8} after step 5 · loss/);
  });

  it('of a stored run is given to a lane that asks another prompt', async () => {
    await byId('lane-row-slot × -1').getByRole('button', { name: /more/ }).click();
    await window.page.getByRole('menuitem', { name: 'Remove' }).click();
    await byId('add-lane').click();
    await window.page.getByRole('menuitem', { name: /SLOT 3 steps/ }).click();
    await byId('delta-slot 3 steps').selectOption('given');
    const offered = byId('given-run-given').locator('option', { hasText: /^slot · / });
    const index = await offered.last().getAttribute('value');
    await byId('given-run-given').selectOption(index);
    await byId('given-step-1-given').fill('2');
    const pane = byId('given-run-given').locator('xpath=ancestor::fieldset[1]');
    expect(await pane.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
    await pictures('given-delta');
    await ask('A train leaves at noon.');
    expect(await headOf('given')).toMatch(/^given delta: .* after step 2 · loss [\d.]+ → /);
    // Of several, the head says the beginning, and the whole in its title: the answers keep their room.
    for (const place of [2, 3, 4]) {
      await byId('given-run-given').selectOption(index);
      await byId(`given-factor-${place}-given`).waitFor();
    }
    const settings = byId('lane-given').locator('.lane__settings');
    await expect.poll(() => settings.innerText()).toMatch(/ · next given delta: .*…$/);
    const whole = await settings.locator('[title]').getAttribute('title');
    expect(whole?.match(/ of run /g)).toHaveLength(4);
  });

  it('is scaled in a stored run too, as long as its model is open', async () => {
    await byId('runs').click();
    await byId('run-row').last().locator('.run-row__open').click();
    await byId('stored-banner').waitFor();
    await byId('tab-vocabulary').click();
    await byId('scale-delta').fill('0.5');
    await expect.poll(() => byId('scaled-loss').textContent()).toMatch(/prompt loss \d\.\d{3} → \d\.\d{3}/);
    await pictures('scaled-stored');
    await byId('stored-banner').getByRole('button', { name: /back/i }).click();
  });

  it('and others are held to each other, and the table is saved', async () => {
    await byId('runs').click();
    await byId('run-row').nth(2).waitFor();
    for (const box of await byId('run-row').getByRole('checkbox').all()) await box.check();
    await byId('similarity-chosen').click();
    await expect.poll(() => byId('similarity-matrix').locator('td.similarity__cell').count()).toBe(16);
    expect(await byId('similarity-matrix').textContent()).toContain('of 192 numbers');
    await pictures('similarity');
    const { bytes } = await savedChart(window.page, 'similarity-matrix', 'CSV');
    expect(bytes.toString('utf8').split('\r\n')[0]).toContain('run,lane,step,norm');
    expect(window.complaints).toEqual([]);
  });
});
