/** The diagnostics in a real browser: read from the engine, copied as they are shown; and a window that cannot be drawn. */

import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT, reasonToSkip } from '../../fixtures/browser-shell';
import { ARTEFACTS, type OpenWindow, openWindow } from './open-window';

const skip = reasonToSkip();
if (skip !== null) console.warn(`diagnostics tests skipped: ${skip}`);

describe.skipIf(skip !== null)('diagnostics', () => {
  let window: OpenWindow;
  beforeAll(async () => {
    window = await openWindow();
    await window.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  });
  afterAll(() => window?.close());

  const open = async () => {
    const { page, byId } = window;
    await page.keyboard.press('Control+k');
    await byId('palette').waitFor();
    await page.keyboard.type('diagnostics');
    await page.keyboard.press('Enter');
    await byId('diagnostics').getByText('onnxruntime', { exact: true }).waitFor();
  };
  const copied = async () => {
    await window.byId('copy-diagnostics').click();
    await window.page.getByText('Copied the diagnostics.').waitFor();
    return window.page.evaluate(() => navigator.clipboard.readText());
  };

  it('name versions and folders, and are copied as they are shown', async () => {
    const { page, byId } = window;
    await page.evaluate(() => setTimeout(() => Promise.reject(new Error('on purpose'))));
    await open();
    const text = await copied();
    await page.screenshot({ path: join(ARTEFACTS, 'diagnostics.png') });
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(text).toContain(`SLOT Studio: ${version}\n`);
    expect(text).toContain(`Node of the engine: ${process.version}\n`);
    expect(text).toMatch(/^Shell: browser$/m);
    expect(text).toMatch(/^Model: starter, \w+, on cpu$/m);
    expect(text).toMatch(/Z The window: Error: on purpose$/m);
    expect(text).not.toContain(`${homedir()}/`);
    const shown = (await byId('diagnostics').innerText()).replaceAll(/\s+/g, ' ');
    for (const line of text.split('\n').filter((line) => /^[\w ]+: /.test(line))) {
      const [name = '', ...value] = line.split(': ');
      expect(shown).toContain(`${name} ${value.join(': ')}`.replaceAll(/\s+/g, ' '));
    }
    await byId('diagnostics').getByRole('button', { name: 'Close' }).click();
    await byId('diagnostics').waitFor({ state: 'detached' });
  });

  it('are offered where the window cannot be drawn, which can be loaded again', async () => {
    const { page, byId } = window;
    await page.evaluate(() => {
      Object.defineProperty(Intl.NumberFormat.prototype, 'format', {
        get: () => {
          throw new Error('numbers are gone');
        },
      });
    });
    await page.keyboard.press('Control+m');
    await byId('fallen').getByText('The window could not be drawn: numbers are gone.').waitFor();
    await page.screenshot({ path: join(ARTEFACTS, 'fallen.png') });
    await page.getByRole('button', { name: 'Copy diagnostics' }).click();
    await expect
      .poll(() => page.evaluate(() => navigator.clipboard.readText()))
      .toContain('The window: Error: numbers are gone');
    await page.getByRole('button', { name: 'Load again' }).click();
    await byId('model').getByText('starter').waitFor();
    // What happened before is still known.
    await open();
    expect(await copied()).toContain('numbers are gone');
  });
});
