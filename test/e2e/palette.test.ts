/** The command palette finds a command by its name, does it, and gives the keyboard back. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium, reasonToSkip, type Server, startServer } from '../../fixtures/browser-shell';

const skip = reasonToSkip();
if (skip !== null) console.warn(`palette tests skipped: ${skip}`);

describe.skipIf(skip !== null)('the palette', () => {
  let server: Server;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    server = await startServer();
    browser = await launchChromium();
    page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    await page.goto(server.url);
    await page.getByTestId('status').getByText('Ready').waitFor();
  });

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  const command = async (words: string) => {
    await page.keyboard.press('Control+k');
    await page.getByTestId('palette').waitFor();
    await page.keyboard.type(words);
    await page.keyboard.press('Enter');
    await page.getByTestId('palette').waitFor({ state: 'detached' });
  };

  it('fills in an example, runs it and walks through the views', async () => {
    await command('example carrots');
    expect(await page.getByTestId('prompt').inputValue()).toContain('3 crates with 8 carrots');
    await command('run the prompt');
    await page.getByTestId('status').getByText('Finished').waitFor();
    await command('vocabulary heatmap');
    expect(await page.getByTestId('tab-vocabulary').getAttribute('aria-selected')).toBe('true');
    await command('first step');
    expect(await page.getByTestId('step-slider').inputValue()).toBe('0');
    await command('theme dark');
    expect(await page.getByTestId('theme').textContent()).toContain('Dark');
  });

  it('turns single-letter keys off, and on again in the settings', async () => {
    const text = page.getByRole('radio', { name: 'Text', exact: true });
    const pressM = async () => {
      await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
      await page.keyboard.press('m');
    };
    await pressM();
    expect(await text.getAttribute('aria-checked')).toBe('true');
    // On to Markdown, and round to the tokens.
    await pressM();
    await pressM();
    await command('single-letter keys off');
    await pressM();
    expect(await text.getAttribute('aria-checked')).toBe('false');
    expect(await text.getAttribute('title')).toBe('The characters as the model wrote them');
    await page.reload();
    expect(await page.getByTestId('letter-keys').isChecked()).toBe(false);
    await page.getByTestId('letter-keys').check();
    await pressM();
    expect(await text.getAttribute('aria-checked')).toBe('true');
    await pressM();
    await pressM();
  });

  it('shows the licences of all that is shipped, which keys scroll', async () => {
    await command('licences and notices');
    const notices = page.getByTestId('notices');
    await notices.getByText('SLOT Studio is under the MIT licence').waitFor();
    expect(await notices.textContent()).toContain('Copyright (c) Microsoft Corporation');
    const text = page.getByRole('region', { name: 'Text of the licences' });
    await text.focus();
    await page.keyboard.press('PageDown');
    await expect.poll(() => text.evaluate((element) => element.scrollTop)).toBeGreaterThan(0);
    await page.keyboard.press('Escape');
    await notices.waitFor({ state: 'detached' });
  });

  it('offers nothing that cannot be done, and closes with Escape', async () => {
    await page.getByTestId('prompt').fill('');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('run the prompt');
    await page.getByText('No such command.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByTestId('palette').waitFor({ state: 'detached' });
  });
});
