/** Whatever the window waits for can be given up: a card, a search, the opening of a model. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reasonToSkip } from '../../fixtures/browser-shell';
import { writeDecoder } from '../../fixtures/decoder';
import { HubServer } from '../hub/server';
import { ARTEFACTS, type OpenWindow, openWindow } from './open-window';

const skip = reasonToSkip();
if (skip !== null) console.warn(`End-to-end tests of cancelling are skipped: ${skip}.`);

describe.skipIf(skip !== null)('what is waited for', () => {
  const root = mkdtempSync(join(tmpdir(), 'slot-studio-cancel-'));
  const source = writeDecoder(join(root, 'source')).folder;
  const local = writeDecoder(join(root, 'local')).folder;
  let hub: HubServer;
  let window: OpenWindow;
  let page: Page;

  const byId = (id: string) => page.getByTestId(id);
  const openManager = async () => {
    await page.keyboard.press('Control+m');
    await byId('models').waitFor();
  };
  /** Whether the client left each request of this address before its answer. */
  const left = (part: string) => hub.asked.filter(({ url }) => url.includes(part)).map((asked) => asked.left);

  beforeAll(async () => {
    hub = await HubServer.start({ 'some-org/tiny': { folder: source } });
    window = await openWindow({
      dataFolder: join(root, 'data'),
      env: { HF_ENDPOINT: hub.endpoint, HF_HUB_CACHE: join(root, 'hub'), HF_HUB_OFFLINE: '' },
    });
    page = window.page;
  });

  afterAll(async () => {
    await window?.close();
    await hub?.stop();
    rmSync(root, { recursive: true, force: true });
    expect(window?.complaints).toEqual([]);
  });

  it('a search ends when it is typed further, and when it is cancelled', async () => {
    hub.trouble = ({ url }) => (url.startsWith('/api/models?') ? { hang: true } : undefined);
    // The hub is asked for each kind of file.
    const each = (isLeft: boolean) => [isLeft, isLeft, isLeft];
    await openManager();
    await page.getByRole('tab', { name: 'Hugging Face hub' }).click();
    await byId('hub-search').fill('ti');
    await expect.poll(() => left('search=ti')).toEqual(each(false));
    await byId('hub-search').fill('tin');
    await expect.poll(() => left('search=ti')).toEqual([...each(true), ...each(false)]);
    await page.getByRole('search').getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => left('search=ti')).toEqual([...each(true), ...each(true)]);
    hub.trouble = () => undefined;
    await byId('hub-search').fill('tiny');
    await byId('hub-row').getByRole('button', { name: 'some-org/tiny' }).waitFor();
  });

  it('a card is not read on, and is read when asked again', async () => {
    hub.trouble = ({ url }) => (url.endsWith('/config.json') ? { hang: true } : undefined);
    await byId('hub-row').getByRole('button', { name: 'some-org/tiny' }).click();
    await byId('cancel-card').waitFor();
    await page.screenshot({ path: join(ARTEFACTS, 'cancel-card.png') });
    await expect.poll(() => left('/config.json')).toEqual([false]);
    await byId('cancel-card').click();
    await byId('card').getByText('The card of some-org/tiny was not read.').waitFor();
    await page.screenshot({ path: join(ARTEFACTS, 'cancelled-card.png') });
    await expect.poll(() => left('/config.json')).toEqual([true]);
    await byId('card').getByRole('button', { name: 'Read it' }).click();
    await expect.poll(() => left('/config.json')).toEqual([true, false]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await byId('models').waitFor({ state: 'detached' });
    await expect.poll(() => left('/config.json')).toEqual([true, true]);
  });

  it('the opening of a model ends though the engine is deaf, and another one opens', async () => {
    const [engine] = window.server.enginePids();
    await openManager();
    await page.getByRole('tab', { name: 'On this machine' }).click();
    await byId('add-folder').fill(local);
    await page.keyboard.press('Enter');
    await byId('card').getByRole('heading', { name: 'local' }).waitFor();
    await byId('open').getByText('Open with fp32').waitFor();
    process.kill(engine!, 'SIGSTOP');
    try {
      await byId('open').click();
      await byId('open').getByText('Opening fp32…').waitFor();
      await page.screenshot({ path: join(ARTEFACTS, 'cancel-opening.png') });
      await byId('cancel-opening').click();
      await byId('open').getByText('Open with fp32').waitFor();
    } finally {
      process.kill(engine!, 'SIGCONT');
    }
    await byId('open').click();
    await byId('models').waitFor({ state: 'detached' });
    await byId('model').getByText('local').waitFor();
    await expect.poll(() => byId('cancel').isDisabled()).toBe(true);
  });
});
