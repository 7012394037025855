/** The device chosen in the window: WebGPU or why not, and one that a system does not have. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { offeredDevices } from '../../engine/onnx/runtime/session';
import { reasonToSkip } from '../../fixtures/browser-shell';
import { STORAGE_KEY } from '../../renderer/state/persistence';
import { type OpenWindow, openWindow } from './open-window';
import { runToEnd } from './run-to-end';

const skip = reasonToSkip();
if (skip !== null) console.warn(`End-to-end tests of the device are skipped: ${skip}.`);

describe.skipIf(skip !== null)('the device', () => {
  /** Of other systems than this one. */
  const absent = process.platform === 'win32' ? 'coreml' : 'dml';
  let window: OpenWindow;

  beforeAll(async () => {
    const modelChoice = { folder: '', dtype: '', device: absent, memorySaver: false };
    const remembered = JSON.stringify({ modelChoice });
    window = await openWindow({
      prepare: (page) =>
        page.addInitScript(
          ([key = '', value = '']) => {
            if (localStorage.getItem(key) === null) localStorage.setItem(key, value);
          },
          [STORAGE_KEY, remembered],
        ),
    });
  });

  afterAll(async () => {
    await window?.close();
  });

  it('that is not there is named with those that are, and the CPU answers', async () => {
    const { byId, page } = window;
    await byId('prompt').fill('Tom has 3 apples.');
    await runToEnd(page, () => byId('run').click());
    const offered = offeredDevices().join(', ');
    const why = `onnxruntime has no ${absent} on this system, only ${offered}`;
    await byId('notice').getByText(`The model runs on the CPU: ${why}.`).waitFor();
    await byId('model').click();
    expect(await byId('device').inputValue()).toBe(absent);
    expect(await byId('device-note').innerText()).toBe(`the model runs on the CPU: ${why}`);
  });

  it.skipIf(!offeredDevices().includes('webgpu'))(
    'WebGPU runs the model or says why not, and is remembered',
    async () => {
      const { byId, page } = window;
      const note = byId('device-note');
      await byId('device').selectOption('webgpu');
      await expect
        .poll(async () => ((await note.count()) === 0 ? '' : note.innerText()), { timeout: 240_000 })
        .toMatch(
          /^the model runs on (webgpu: its logits differ from the CPU's|the CPU: (webgpu does not work here|on webgpu))/,
        );
      const told = await note.innerText();
      await page.keyboard.press('Escape');
      await runToEnd(page, () => byId('run').click());
      await byId('notice')
        .getByText(`${told.replace('the', 'The')}.`)
        .waitFor();

      await page.waitForTimeout(400);
      await page.reload();
      await byId('model').getByText('starter').waitFor({ timeout: 240_000 });
      await byId('model').click();
      expect(await byId('device').inputValue()).toBe('webgpu');
      await byId('device').selectOption('cpu');
      await expect.poll(() => note.count()).toBe(0);
      expect(window.complaints).toEqual([]);
    },
    300_000,
  );
});
