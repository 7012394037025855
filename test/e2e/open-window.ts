/** One window on a server of its own, in a real browser, and all that the browser complained of. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { launchChromium, ROOT, type Server, startServer } from '../../fixtures/browser-shell';

/** Where the tests leave their screenshots. */
export const ARTEFACTS = join(ROOT, 'test/artefacts');

export interface OpenWindow {
  readonly server: Server;
  readonly browser: Browser;
  readonly page: Page;
  /** Exceptions, violations of the page's policy, failed loads. */
  readonly complaints: readonly string[];
  readonly byId: (id: string) => Locator;
  close(): Promise<void>;
}

interface WindowOptions {
  /** Of the test's own, which stays; without it a new one, which goes with the window. */
  readonly dataFolder?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Before the page is loaded. */
  readonly prepare?: (page: Page) => Promise<unknown>;
  /** The name of the one that opens by itself. */
  readonly model?: string;
}

/** Resolves once the model is open. */
export async function openWindow({
  dataFolder,
  env,
  prepare,
  model = 'starter',
}: WindowOptions = {}): Promise<OpenWindow> {
  mkdirSync(ARTEFACTS, { recursive: true });
  const [server, browser] = await Promise.all([startServer(dataFolder, env), launchChromium()]);
  const close = async () => {
    await browser.close();
    await server.stop();
  };
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 }, colorScheme: 'light' });
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await prepare?.(page);
    await page.goto(server.url);
    await page.getByTestId('model').getByText(model).waitFor();
    return { server, browser, page, complaints, byId: (id) => page.getByTestId(id), close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}
