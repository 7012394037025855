/** Fast arithmetic in the window: chosen where a model has it, told with what it moves, and not offered elsewhere. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reasonToSkip } from '../../fixtures/browser-shell';
import { writeNBitsLayers } from '../../fixtures/nbits-layers';
import { temporaryFolder } from '../../fixtures/runs';
import { ARTEFACTS, type OpenWindow, openWindow } from './open-window';
import { runToEnd } from './run-to-end';

const skip = reasonToSkip();
if (skip !== null) console.warn(`End-to-end tests of the arithmetic are skipped: ${skip}.`);

describe.skipIf(skip !== null)('fast arithmetic', () => {
  let window: OpenWindow;

  beforeAll(async () => {
    window = await openWindow();
  });

  afterAll(async () => {
    await window?.close();
  });

  it('is offered for layers in few bits alone, says what it moves, and ends with the model it was chosen for', async () => {
    const { byId, page } = window;
    const [fast, note] = [byId('fast'), byId('arithmetic-note')];
    await byId('model').click();
    await expect.poll(() => fast.isDisabled()).toBe(true);
    expect(await page.locator('label', { has: fast }).innerText()).toContain('codes of few bits');

    const shape = { d: 64, headDim: 16, ffn: 96, tokenizer: 'starter', vocab: 4096 } as const;
    const { folder } = writeNBitsLayers(join(temporaryFolder(), 'few-bits'), shape);
    await byId('model-folder').fill(folder);
    await byId('model-folder').press('Enter');
    await expect.poll(() => fast.isEnabled()).toBe(true);
    expect(await note.count()).toBe(0);
    await fast.check();
    await note.waitFor();
    const told = await note.innerText();
    expect(told).toMatch(/^fast arithmetic: on a short text its logits differ .* nats \(KL\)$/);
    await page.screenshot({ path: join(ARTEFACTS, 'arithmetic.png') });

    await page.keyboard.press('Escape');
    await byId('prompt').fill('Tom has 3 apples.');
    await runToEnd(page, () => byId('run').click());
    await byId('notice')
      .getByText(`${told.replace('fast', 'Fast')}.`)
      .waitFor();

    await byId('model').click();
    await byId('model-folder').fill('');
    await byId('model-folder').press('Enter');
    await byId('model').getByText('starter').waitFor();
    await expect.poll(() => fast.isDisabled()).toBe(true);
    expect(await fast.isChecked()).toBe(false);
    expect(window.complaints).toEqual([]);
  });
});
