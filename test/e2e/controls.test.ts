/** Controls in the window: one switch, what heads and fields say of them, and the run with all of them. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reasonToSkip } from '../../fixtures/browser-shell';
import { ARTEFACTS, type OpenWindow, openWindow } from './open-window';
import { runToEnd } from './run-to-end';

const skip = reasonToSkip();
if (skip !== null) console.warn(`End-to-end tests of controls are skipped: ${skip}.`);

describe.skipIf(skip !== null)('controls', () => {
  let window: OpenWindow;

  beforeAll(async () => {
    window = await openWindow();
  });

  afterAll(async () => {
    await window?.close();
  });

  it('come and go with one switch, by the keyboard, and with undo', async () => {
    const { byId, page } = window;
    await byId('with-controls').focus();
    await page.keyboard.press('Space');
    for (const lane of ['random 1', 'random 2', 'random 3', 'minus', 'template', 'temperature'])
      await byId(`lane-row-${lane}`).waitFor();
    expect(await byId('delta-seed-random 3').inputValue()).toBe('3');
    await page.getByTestId('toast').getByRole('button', { name: 'Undo' }).click();
    await byId('lane-row-minus').waitFor({ state: 'detached' });
    await byId('with-controls').check();
    await byId('steps-slot').fill('4');
    expect(await byId('steps-minus').inputValue()).toBe('4');
    expect(await byId('with-controls').isChecked()).toBe(true);
  });

  it('answer, and say in their heads what they add and what came of it', async () => {
    const { byId, page, complaints } = window;
    await byId('prompt').fill('Tom has 3 apples and buys 5 more. How many apples does he have?');
    await byId('maxNewTokens').fill('12');
    await byId('temperature').first().fill('0.8');
    await runToEnd(page, () => byId('run').click());
    const headOf = (lane: string) => byId(`lane-${lane}`).locator('.lane__settings').innerText();
    expect(await headOf('slot')).toMatch(/^4 × 0\.1 transformers · loss/);
    expect(await headOf('random 2')).toMatch(
      /^random delta of the same norm, seed 2 · 4 × 0\.1 .* loss [\d.]+ → /,
    );
    expect(await headOf('minus')).toMatch(/^minus the own delta · .* loss/);
    expect(await headOf('template')).toMatch(/^delta of the template alone · .* loss/);
    expect(await headOf('temperature')).toMatch(/temperature [\d.]+, entropy [\d.]+ of [\d.]+ nats$/);
    await page.screenshot({ path: join(ARTEFACTS, 'controls-light.png') });
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.screenshot({ path: join(ARTEFACTS, 'controls-dark.png') });
    await page.emulateMedia({ colorScheme: 'light' });
    expect(complaints).toEqual([]);
  });

  it('leave their answers room at 200 % zoom, however much their heads say', async () => {
    const { byId, page } = window;
    await page.setViewportSize({ width: 640, height: 360 });
    await byId('pane-switch').getByRole('radio', { name: 'Answers' }).click();
    const token = byId('lane-random 1').locator('[data-index="0"]').last();
    await token.evaluate((element) => element.scrollIntoView({ block: 'start' }));
    const isSeen = () =>
      token.evaluate((element) => {
        const { left, top, width, height } = element.getBoundingClientRect();
        const seen = document.elementFromPoint(left + width / 2, top + height / 2);
        return seen !== null && (element.contains(seen) || seen.contains(element));
      });
    await expect.poll(isSeen).toBe(true);
    await page.setViewportSize({ width: 1280, height: 720 });
  });

  it('learn from another prompt that is typed, and keep Run waiting for it', async () => {
    const { byId, page } = window;
    await byId('delta-minus').selectOption('prompts');
    await byId('lane-row-other prompt').getByRole('alert').getByText('Write the other prompt.').waitFor();
    await byId('delta-others-other prompt').fill('A train leaves at noon.');
    await runToEnd(page, () => byId('run').click());
    const head = byId('lane-other prompt').locator('.lane__settings');
    expect(await head.innerText()).toMatch(/^another prompt's delta · .* loss/);
  });
});
