/** Downloads in a real browser, from a hub-shaped server: searched, pulled, paused, resumed, opened, refused, deleted. */
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reasonToSkip } from '../../fixtures/browser-shell';
import { writeDecoder } from '../../fixtures/decoder';
import { filesBelow } from '../hub/cached';
import { HubServer } from '../hub/server';
import { ARTEFACTS, type OpenWindow, openWindow } from './open-window';
import { runToEnd } from './run-to-end';

const ID = 'some-org/tiny-chat';
const skip = reasonToSkip();
if (skip !== null) console.warn(`End-to-end tests of downloads are skipped: ${skip}.`);

describe.skipIf(skip !== null)('a model of the hub', () => {
  const root = mkdtempSync(join(tmpdir(), 'slot-studio-downloads-'));
  const cache = join(root, 'hf', 'hub');
  const repo = join(cache, 'models--some-org--tiny-chat');
  const source = writeDecoder(join(root, 'source'), { weights: 'external' }).folder;
  writeDecoder(source, { suffix: '_fp16', dtype: 'float16', weights: 'external' });
  let hub: HubServer;
  let window: OpenWindow;
  let page: Page;

  const byId = (id: string) => page.getByTestId(id);
  const pull = (state: string) => page.locator(`[data-testid=pull][data-state=${state}]`);
  const openManager = async () => {
    await page.keyboard.press('Control+m');
    await byId('models').waitFor();
  };
  const picture = async (name: string) => {
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(ARTEFACTS, `${name}-${colorScheme}.png`) });
    }
  };

  beforeAll(async () => {
    hub = await HubServer.start({ [ID]: { folder: source }, 'some-org/other': { folder: source } });
    window = await openWindow({
      dataFolder: join(root, 'data'),
      env: {
        HF_ENDPOINT: hub.endpoint,
        HF_HOME: join(root, 'hf'),
        HF_HUB_CACHE: cache,
        HF_HUB_OFFLINE: '',
      },
    });
    page = window.page;
  });

  afterAll(async () => {
    await window?.close();
    await hub?.stop();
    rmSync(root, { recursive: true, force: true });
    expect(window?.complaints).toEqual([]);
  });

  it('is found, and its card tells what it is before anything large is downloaded', async () => {
    await openManager();
    await byId('verdict').getByText('Supported').waitFor();
    await picture('models-here');
    await page.getByRole('tab', { name: 'Hugging Face hub' }).click();
    await picture('models-hub');
    await byId('hub-search').fill('no such model');
    await page.getByText('Try fewer letters.').waitFor();
    await byId('hub-search').fill('tiny');
    await page.getByText('1 model found').waitFor();
    await byId('hub-row').getByRole('button', { name: ID }).click();
    await byId('verdict').getByText('Supported').waitFor();
    await byId('download').getByText('Download fp32').waitFor();
    await picture('models-card');
    expect(existsSync(repo)).toBe(false);
    expect(hub.served('model.onnx_data')).toBe(0);
  });

  it('keeps nothing of what does not match its checksum, and says so', async () => {
    const wrong = Buffer.alloc(statSync(join(source, 'onnx/model.onnx_data')).size);
    hub.trouble = ({ side, url }) =>
      side === 'cdn' && url.includes('model.onnx_data') ? { content: wrong } : undefined;
    await byId('download').click();
    await pull('failed').waitFor();
    await picture('models-failed');
    expect(await byId('pull-error').innerText()).toMatch(/onnx\/model\.onnx_data/);
    expect(existsSync(join(repo, 'snapshots'))).toBe(false);
    expect(await pull('failed').getByTestId('pull-words').innerText()).toMatch(/^Failed at 1?\d %/);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    expect(await byId('download-notice').innerText()).toBe('! Download failed');
    await byId('download-notice').click();
    await byId('models').waitFor();
  });

  it('is tried again, shows how far it is, is paused, and goes on where it was', async () => {
    const total = 2000;
    hub.trouble = ({ side, url }) =>
      side === 'cdn' && url.includes('model.onnx_data') ? { stallAfter: total } : undefined;
    await pull('failed').getByRole('button', { name: 'Try again' }).click();
    await pull('downloading').getByText(/\d %/).waitFor();
    const bar = pull('downloading').getByRole('progressbar');
    await expect.poll(async () => Number(await bar.getAttribute('value'))).toBeGreaterThan(0);
    await pull('downloading').getByText('files').click();
    await pull('downloading').getByText('2 kB of').waitFor();
    await picture('models-downloading');
    await pull('downloading').getByRole('button', { name: 'Pause' }).click();
    await pull('paused').getByText('Paused at').waitFor();
    // A window that is opened anew finds it.
    await page.reload();
    await byId('model').getByText('starter').waitFor();
    await openManager();
    await pull('paused').getByText('Paused at').waitFor();
    hub.trouble = () => undefined;
    await pull('paused').getByRole('button', { name: 'Resume' }).click();
    await pull('done').getByText('checksums right').waitFor();
    expect(hub.asked.at(-1)?.range).toBe(`bytes=${total}-`);
    expect(filesBelow(cache).filter((path) => path.endsWith('.incomplete'))).toEqual([]);
  });

  it('is opened from its download, and answers', async () => {
    await picture('models-done');
    await pull('done').getByRole('button', { name: 'Open' }).click();
    await byId('models').waitFor({ state: 'detached' });
    expect(await byId('model').innerText()).toMatch(/tiny-chat\s+fp32/);
    await byId('prompt').fill('one two');
    await runToEnd(page, () => byId('run').click());
  });

  it('offers the dtypes that are not here, and takes one of them', async () => {
    await openManager();
    await byId('entry').getByRole('button', { name: ID, exact: true }).click();
    await byId('card').getByRole('heading', { name: ID }).waitFor();
    await byId('card').getByRole('radio', { name: /^fp32/ }).waitFor();
    expect(await byId('card').getByRole('radio').count()).toBe(1);
    await byId('card').getByRole('button', { name: 'More on the hub…' }).click();
    await byId('card').getByRole('radio', { name: /^fp16/ }).click();
    await byId('download').getByText('Download fp16').click();
    await byId('open').getByText('Open with fp16').waitFor();
    await picture('models-two');
    expect(readdirSync(join(repo, 'snapshots'))).toHaveLength(1);
  });

  it('is deleted, one dtype or all of it, which frees its space', async () => {
    await byId('card')
      .getByRole('button', { name: /^Delete fp16/ })
      .click();
    await picture('models-confirm');
    await byId('confirm').getByRole('button', { name: 'Delete' }).click();
    await byId('toast')
      .getByText(/Deleted fp16 of some-org\/tiny-chat: .* freed/)
      .waitFor();
    expect(filesBelow(repo).some((path) => path.includes('fp16'))).toBe(false);
    expect(await byId('pull').count()).toBe(0);
    await page.getByRole('button', { name: `Delete ${ID}…` }).click();
    await byId('confirm').getByRole('button', { name: 'Delete' }).click();
    await byId('toast')
      .getByText(/Deleted some-org\/tiny-chat: .* freed/)
      .waitFor();
    expect(existsSync(repo)).toBe(false);
  });
});
