/** The model manager in a real browser: folders and cached models, their cards, opening, forgetting, deleting. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reasonToSkip } from '../../fixtures/browser-shell';
import { writeDecoder } from '../../fixtures/decoder';
import { otherTools } from '../../fixtures/other-tools';
import { putInCache } from '../hub/cached';
import { ARTEFACTS, type OpenWindow, openWindow } from './open-window';
import { runToEnd } from './run-to-end';

const skip = reasonToSkip();
if (skip !== null) console.warn(`End-to-end tests of the model manager are skipped: ${skip}.`);

describe.skipIf(skip !== null)('the models of this machine', () => {
  const root = mkdtempSync(join(tmpdir(), 'slot-studio-models-'));
  const cache = join(root, 'hf', 'hub');
  const tiny = writeDecoder(join(root, 'tiny'), { tail: [{ op: 'cap', at: 30 }] }).folder;
  writeDecoder(tiny, { suffix: '_fp16', dtype: 'float16', tail: [{ op: 'cap', at: 30 }] });
  let window: OpenWindow;
  let page: Page;

  const byId = (id: string) => page.getByTestId(id);
  const entry = (name: string) =>
    byId('entry').filter({ has: page.getByRole('button', { name, exact: true }) });
  const openManager = async () => {
    await page.keyboard.press('Control+m');
    await byId('models').waitFor();
  };
  const closeManager = async () => {
    await page.keyboard.press('Escape');
    await byId('models').waitFor({ state: 'detached' });
  };

  beforeAll(async () => {
    window = await openWindow({
      dataFolder: join(root, 'data'),
      env: {
        ...otherTools(join(root, 'home')),
        HF_HOME: join(root, 'hf'),
        HF_HUB_CACHE: cache,
        HF_HUB_OFFLINE: '1',
      },
    });
    page = window.page;
  });

  afterAll(async () => {
    await window?.close();
    rmSync(root, { recursive: true, force: true });
    expect(window?.complaints).toEqual([]);
  });

  it('begin with the starter, its card, and the way to others', async () => {
    await openManager();
    await byId('only-starter').waitFor();
    await byId('verdict').getByText('Supported').waitFor();
    expect(await byId('chain').getByRole('listitem').allInnerTexts()).toEqual([
      'hidden',
      'MatMul(Transpose)',
      'logits',
    ]);
    await closeManager();
  });

  it('are joined by a folder of which the path is typed; a bad one gets its line', async () => {
    await openManager();
    await byId('add-folder').fill(join(root, 'nowhere'));
    await page.keyboard.press('Enter');
    await byId('folder-error')
      .getByText(`${join(root, 'nowhere')} is not there`)
      .waitFor();
    await byId('add-folder').fill(tiny);
    await page.keyboard.press('Enter');
    await entry('tiny').waitFor();
    expect(await byId('folder-error').count()).toBe(0);
    await byId('card').getByRole('heading', { name: 'tiny' }).waitFor();
    const chain = await byId('chain').getByRole('listitem').allInnerTexts();
    expect(chain).toEqual(['hidden', 'MatMul(Transpose)', 'Div 30', 'Tanh', 'Mul 30', 'logits']);
    await page.screenshot({ path: join(ARTEFACTS, 'models.png') });
    await closeManager();
  });

  it('are opened with a chosen dtype, and answer', async () => {
    await openManager();
    await entry('tiny').getByRole('button', { name: 'tiny', exact: true }).click();
    await byId('card').getByRole('radio', { name: /^fp16/ }).click();
    await byId('open').getByText('Open with fp16').click();
    await byId('models').waitFor({ state: 'detached' });
    expect(await byId('model').innerText()).toMatch(/tiny\s+fp16/);
    // The menu means the model that is open, not the one that was when it was last used.
    await byId('model').click();
    expect(await byId('model-folder').inputValue()).toBe(tiny);
    await page.keyboard.press('Escape');
    await byId('prompt').fill('one two');
    await runToEnd(page, () => byId('run').click());
    await openManager();
    await entry('tiny').getByText('open: fp16').waitFor();
    await closeManager();
  });

  it('say when their folder has moved, and can be forgotten', async () => {
    renameSync(tiny, `${tiny}-moved`);
    await openManager();
    await entry('tiny').getByTestId('entry-problem').getByText(`${tiny} is not there.`).waitFor();
    renameSync(`${tiny}-moved`, tiny);
    await entry('tiny').getByRole('button', { name: 'Take tiny off the list' }).click();
    await entry('tiny').waitFor({ state: 'detached' });
    expect(existsSync(tiny)).toBe(true);
    await closeManager();
  });

  it('are joined by those of other tools, each under its name, and by a GGUF file of which the path is typed', async () => {
    const put = (path: string) => {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, 'GGUF');
      return path;
    };
    put(join(root, 'home', '.lmstudio', 'models', 'some-org', 'Tiny', 'tiny-Q8_0.gguf'));
    const own = put(join(root, 'own-Q4_0.gguf'));
    await openManager();
    const studio = page.getByRole('region', { name: 'LM Studio' });
    await studio.getByRole('button', { name: 'some-org/Tiny', exact: true }).waitFor();
    await byId('add-folder').fill(own);
    await page.keyboard.press('Enter');
    const added = page.getByRole('region', { name: 'Added' });
    await added.getByRole('button', { name: 'own-Q4_0', exact: true }).waitFor();
    await byId('card-error').getByText('own-Q4_0.gguf').first().waitFor();
    await entry('own-Q4_0').getByRole('button', { name: 'Take own-Q4_0 off the list' }).click();
    await entry('own-Q4_0').waitFor({ state: 'detached' });
    await closeManager();
    rmSync(join(root, 'home'), { recursive: true });
  });

  it('cannot be added by dropping where a page knows no paths, which is said', async () => {
    const session = await page.context().newCDPSession(page);
    const gguf = join(root, 'tiny-Q4_0.gguf');
    writeFileSync(gguf, 'GGUF');
    for (const file of [tiny, gguf]) {
      const data = { items: [], files: [file], dragOperationsMask: 1 };
      for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
        await session.send('Input.dispatchDragEvent', { type, x: 600, y: 400, data });
      }
      await byId('folder-error').getByText('Type or paste its full path here.').waitFor();
      await closeManager();
    }
  });

  it('that lie in the cache are deleted once confirmed, which frees their space', async () => {
    putInCache(cache, 'some-org/kept', tiny);
    await openManager();
    await entry('some-org/kept').getByRole('button', { name: 'Delete some-org/kept…' }).click();
    await byId('confirm').getByText('This frees about').waitFor();
    await byId('confirm').getByRole('button', { name: 'Keep' }).click();
    expect(existsSync(join(cache, 'models--some-org--kept'))).toBe(true);
    await entry('some-org/kept').getByRole('button', { name: 'Delete some-org/kept…' }).click();
    await byId('confirm').getByRole('button', { name: 'Delete' }).click();
    await byId('toast')
      .getByText(/Deleted some-org\/kept: .* freed/)
      .waitFor();
    await entry('some-org/kept').waitFor({ state: 'detached' });
    expect(existsSync(join(cache, 'models--some-org--kept'))).toBe(false);
    // While the toast is shown: the key is the dialog's, in which the focus is.
    await closeManager();
    await byId('toast').waitFor();
    await byId('toast').getByRole('button', { name: 'Dismiss' }).click();
  });

  it('are reached by the keyboard alone, through the palette', async () => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type('manage models');
    await page.keyboard.press('Enter');
    await byId('models').waitFor();
    await page.getByRole('tab', { name: /On this machine/ }).focus();
    await page.keyboard.press('ArrowRight');
    const first = byId('hub-row').first().getByRole('button');
    await first.waitFor();
    await first.focus();
    await page.keyboard.press('ArrowDown');
    expect(
      await byId('hub-row')
        .nth(1)
        .getByRole('button')
        .evaluate((node) => node === document.activeElement),
    ).toBe(true);
    await closeManager();
  });
});
