/** A conversation saved as one file in one window, and dropped onto another on a data folder of its own. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reasonToSkip } from '../../fixtures/browser-shell';
import { type OpenWindow, openWindow } from './open-window';
import { runToEnd } from './run-to-end';

const skip = reasonToSkip();

async function drop(page: Page, name: string, text: string): Promise<void> {
  const data = await page.evaluateHandle(
    ([file, content]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([content!], file!));
      return transfer;
    },
    [name, text],
  );
  await page.dispatchEvent('body', 'drop', { dataTransfer: data });
}

describe.skipIf(skip !== null)('a conversation', () => {
  let from: OpenWindow;
  let to: OpenWindow;
  beforeAll(async () => {
    [from, to] = await Promise.all([openWindow(), openWindow()]);
  }, 60_000);
  afterAll(async () => {
    await from?.close();
    await to?.close();
  });

  it('is the same where its file is dropped, with its tokens and settings, and goes on from there', async () => {
    const { page, byId } = from;
    await byId('prompt').fill('Tom has 3 apples and buys 5 more. How many apples does he have?');
    await byId('maxNewTokens').fill('12');
    await runToEnd(page, () => byId('run').click());
    await page.getByPlaceholder(/Next turn/).fill('And now?');
    await runToEnd(page, () => page.getByRole('button', { name: 'Send' }).click());
    const answers = await page.getByTestId('lane-foot').allInnerTexts();
    expect(answers).toHaveLength(4);

    const download = page.waitForEvent('download');
    await byId('export').click();
    await byId('export-conversation').click();
    const file = await download;
    expect(file.suggestedFilename()).toMatch(/conversation\.jsonl$/);
    await expect
      .poll(() => page.getByRole('status').allInnerTexts())
      .toContainEqual(expect.stringMatching(/2 turns, 2 runs, \d\.\d+ MiB/));
    const text = readFileSync(await file.path(), 'utf8');

    await drop(to.page, file.suggestedFilename(), text);
    await expect.poll(() => to.byId('lane-foot').count()).toBe(4);
    const words = (lines: readonly string[]) => lines.map((line) => /\d+ tokens?/.exec(line)?.[0]);
    expect(words(await to.byId('lane-foot').allInnerTexts())).toEqual(words(answers));
    expect(await to.byId('maxNewTokens').inputValue()).toBe('12');
    expect(await to.byId('prompt-strip').innerText()).toContain('apples');

    // Not the text of one window in the other's place: the engine there goes on with it.
    await to.page.getByPlaceholder(/Next turn/).fill('Why?');
    await runToEnd(to.page, () => to.page.getByRole('button', { name: 'Send' }).click());
    await expect.poll(() => to.byId('lane-foot').count()).toBe(6);

    await drop(to.page, 'cut.jsonl', text.slice(0, 300));
    await expect.poll(() => to.byId('import-error').innerText()).toContain('its first line is not JSON');
    expect([...from.complaints, ...to.complaints]).toEqual([]);
  }, 120_000);
});
