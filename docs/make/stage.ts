/** A window of the browser shell for pictures: a new data folder, the starter model, no other program's models. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { launchChromium, startServer } from '../../fixtures/browser-shell';

const PATIENCE_MS = 180_000;

export class Stage {
  private constructor(
    readonly page: Page,
    readonly close: () => Promise<void>,
  ) {}

  static async open(): Promise<Stage> {
    const home = mkdtempSync(join(tmpdir(), 'slot-studio-pictures-'));
    const elsewhere = { HF_HOME: join(home, 'hf'), OLLAMA_MODELS: home, LLAMA_CACHE: home };
    const server = await startServer(join(home, 'data'), { ...elsewhere, HOME: home, HF_HUB_OFFLINE: '1' });
    const browser = await launchChromium();
    const close = async () => {
      await browser.close();
      await server.stop();
      rmSync(home, { recursive: true, force: true });
    };
    try {
      const page = await browser.newPage({ colorScheme: 'light' });
      page.setDefaultTimeout(PATIENCE_MS);
      await page.goto(server.url);
      await page.getByTestId('model').getByText('starter').waitFor();
      return new Stage(page, close);
    } catch (thrown) {
      await close();
      throw thrown;
    }
  }

  byId(id: string): Locator {
    return this.page.getByTestId(id);
  }

  /** Acts, and waits until the run that this starts has ended. */
  async run(act: () => Promise<unknown>): Promise<void> {
    const before = await this.byId('status').getAttribute('data-run');
    await act();
    await this.page.waitForFunction(
      (old) => {
        const status = document.querySelector('[data-testid="status"]');
        const run = status?.getAttribute('data-run') ?? null;
        return run !== old && /Finished/.test(status?.textContent ?? '');
      },
      before,
      { timeout: PATIENCE_MS },
    );
  }

  ask(prompt: string): Promise<void> {
    return this.run(async () => {
      await this.byId('prompt').fill(prompt);
      await this.byId('run').click();
    });
  }

  /** Charts draw their last frame, and the pointer points at nothing. */
  async settle(): Promise<void> {
    await this.page.mouse.move(0, 0);
    await this.page.waitForTimeout(1200);
  }
}
