/** What starts a packaged app and asks it one prompt, tried on the one window that every machine here can open. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CHROMIUM_ARGS, reasonToSkip, startServer } from '../../fixtures/browser-shell';
import { runFirstPrompt } from '../packages/first-prompt';
import { ARTEFACTS } from './open-window';

const skip = reasonToSkip();
if (skip !== null) console.warn(`first prompt skipped: ${skip}`);

describe.skipIf(skip !== null)('the first prompt of a package', () => {
  const executable = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

  it('is answered, pictured, and told with the versions', async () => {
    const server = await startServer();
    const screenshot = join(ARTEFACTS, 'first-prompt.png');
    rmSync(screenshot, { force: true });
    try {
      const args = [...CHROMIUM_ARGS, server.url];
      const { facts, answers } = await runFirstPrompt({ executable, args, screenshot });
      expect(answers).not.toBe('');
      expect(facts).toContain('onnxruntime');
      expect(existsSync(screenshot)).toBe(true);
    } finally {
      await server.stop();
    }
  });

  it('fails with what the app said where no window comes up', async () => {
    const nothing = { screenshot: join(ARTEFACTS, 'none.png'), timeoutMs: 2_000 };
    await expect(runFirstPrompt({ ...nothing, executable: '/no/such/app' })).rejects.toThrow('ENOENT');
    const failing = ['-e', 'console.error("no window system"); process.exit(3)'];
    const node = { ...nothing, executable: process.execPath, args: failing };
    await expect(runFirstPrompt(node)).rejects.toThrow(/it ended with code \d+/);
  });
});
