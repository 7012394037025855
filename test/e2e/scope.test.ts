/** What delta learns from, in the window: scopes set, tokens brushed by pointer and by keys, weights and held-out losses seen. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reasonToSkip } from '../../fixtures/browser-shell';
import { ARTEFACTS, type OpenWindow, openWindow } from './open-window';
import { runToEnd } from './run-to-end';

const skip = reasonToSkip();
if (skip !== null) console.warn(`End-to-end tests of scopes are skipped: ${skip}.`);

describe.skipIf(skip !== null)('what delta learns from', () => {
  let window: OpenWindow;

  beforeAll(async () => {
    window = await openWindow();
  });

  afterAll(async () => {
    await window?.close();
  });

  const token = (place: number) => window.page.locator('.strip__token').nth(place - 1);
  const parts = () =>
    window.page
      .locator('.strip__token')
      .evaluateAll((tokens) => tokens.map((each) => each.getAttribute('data-part')));

  it('is the last user turn where that is chosen, with a half that only measures', async () => {
    const { byId, page } = window;
    await byId('prompt').fill('Tom has 3 apples and buys 5 more.');
    await byId('scope-slot').selectOption('last-user');
    await byId('advanced-slot').click();
    await byId('learning-slot').getByText('hold out half').click();
    await runToEnd(page, () => byId('run').click());
    expect(await byId('scope-legend').innerText()).toMatch(/^\s*\d+ learned from\s+\d+ held out/);
    const seen = await parts();
    for (const part of ['learned', 'held-out', 'left-out']) expect(seen).toContain(part);
    await byId('tab-optimisation').click();
    expect(await byId('pulls').innerText()).toContain('wanted higher');
    expect(await byId('loss-chart').locator('.visually-hidden').first().textContent()).toContain(
      'slot, held out from',
    );
    await page.screenshot({ path: join(ARTEFACTS, 'scope.png') });
  });

  it('are tokens that are dragged over, which Undo takes back', async () => {
    const { byId, page } = window;
    const [from, to] = [await token(6).boundingBox(), await token(9).boundingBox()];
    if (!from || !to) throw new Error('not laid out');
    await page.mouse.move(from.x + 4, from.y + 20);
    await page.mouse.down();
    await page.mouse.move(to.x + 4, to.y + 20, { steps: 8 });
    expect(await page.locator('.strip__token--brushed').count()).toBe(4);
    await page.mouse.up();
    expect(await byId('scope-slot').inputValue()).toBe('tokens');
    expect(await byId('tokens-slot').inputValue()).toBe('6-9');
    await page.getByTestId('toast').getByRole('button', { name: 'Undo' }).click();
    expect(await byId('scope-slot').inputValue()).toBe('last-user');
  });

  it('are tokens that the keyboard chooses; a first token alone is refused, and loses nothing', async () => {
    const { byId, page } = window;
    await page.locator('.strip__tokens').focus();
    for (const key of ['Home', 'Enter']) await page.keyboard.press(key);
    await byId('toast').getByText('The first token is never predicted').waitFor();
    expect(await byId('scope-slot').inputValue()).toBe('last-user');
    for (const key of ['ArrowRight', 'ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight', 'Enter'])
      await page.keyboard.press(key);
    expect(await byId('tokens-slot').inputValue()).toBe('3-5');
    await runToEnd(page, () => byId('run').click());
    expect(await byId('scope-legend').innerText()).toMatch(/^\s*2 learned from\s+1 held out/);
    expect(window.complaints).toEqual([]);
  });
});
