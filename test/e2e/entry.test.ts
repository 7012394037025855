/** How a browser comes to the window: what its history and its storage hold afterwards, and that a reload works. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openBrowser } from '../../engine/serve/browser';
import { startServer, type WindowServer } from '../../engine/serve/server';
import { launchChromium, reasonToSkip } from '../../fixtures/browser-shell';

const skip = process.platform === 'linux' ? reasonToSkip() : 'the browser is started by xdg-open';
if (skip !== null) console.warn(`End-to-end tests of the browser's start are skipped: ${skip}.`);

describe.skipIf(skip !== null)('a browser that is led to the window', () => {
  const home = mkdtempSync(join(tmpdir(), 'slot-entry-'));
  let server: WindowServer;
  let browser: Browser;

  beforeAll(async () => {
    vi.stubEnv('SLOT_STUDIO_DATA', home);
    vi.stubEnv('HOME', home);
    [server, browser] = await Promise.all([startServer(), launchChromium()]);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    vi.unstubAllEnvs();
    rmSync(home, { recursive: true, force: true });
  });

  /** Addresses of the tab's history, as Chromium keeps them. */
  async function history(page: Page): Promise<string[]> {
    const session = await page.context().newCDPSession(page);
    const { entries } = await session.send('Page.getNavigationHistory');
    return entries.map(({ url }) => url);
  }

  /** The file that a browser would be started with. */
  async function startedWith(url: string): Promise<string> {
    const seen = join(home, 'seen');
    writeFileSync(
      join(home, 'xdg-open'),
      `#!/bin/sh\necho "$1" > "${seen}.part"; mv "${seen}.part" "${seen}"\n`,
    );
    chmodSync(join(home, 'xdg-open'), 0o755);
    vi.stubEnv('PATH', `${home}:${process.env.PATH}`);
    openBrowser(url);
    await expect.poll(() => existsSync(seen)).toBe(true);
    return readFileSync(seen, 'utf8').trim();
  }

  const isOpen = (page: Page) => page.getByTestId('model').getByText('starter').waitFor();

  it('by the printed address leaves no token in its history, and comes back after a reload', async () => {
    const page = await browser.newPage();
    await page.goto(server.url);
    await isOpen(page);
    const origin = `http://127.0.0.1:${server.port}/`;
    expect(page.url()).toBe(origin);
    expect((await history(page)).join()).not.toContain(server.token);
    expect(await page.content()).not.toContain(server.token);
    await page.reload();
    await isOpen(page);
    await page.close();
  });

  it('by the file, which no other user can read, is let in once', async () => {
    const { url } = server.ticket();
    const file = await startedWith(url);
    const page = await browser.newPage();
    await page.goto(file);
    await isOpen(page);
    expect(page.url()).toBe(`http://127.0.0.1:${server.port}/`);
    expect((await history(page)).join()).not.toMatch(/ticket|token/);
    await page.reload();
    await isOpen(page);
    await page.close();
    const other = await (await browser.newContext()).newPage();
    await other.goto(file);
    await other.getByText('Open the full address').waitFor();
    await other.close();
  });
});
