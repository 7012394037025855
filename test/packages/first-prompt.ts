/**
 * Starts an installed app as a user does and runs one prompt in its window, watched over Chromium's own debugging port:
 * the packaged fuses let no Node debugger in, which Playwright's launcher for Electron would need.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { OutputTail } from '../../engine/process/exit-detail';

export interface FirstPrompt {
  readonly executable: string;
  readonly args?: readonly string[];
  /** Where the picture of the window goes. */
  readonly screenshot: string;
  readonly timeoutMs?: number;
}

const STARTING_MS = 120_000;

/**
 * @returns the version that the diagnostics tell, and the answers
 * Rejects where no window comes up, or the prompt is not answered.
 */
export async function runFirstPrompt(options: FirstPrompt): Promise<{ facts: string; answers: string }> {
  const { executable, args = [], screenshot, timeoutMs = STARTING_MS } = options;
  const folder = mkdtempSync(join(tmpdir(), 'slot-first-prompt-'));
  const env = { ...process.env, SLOT_STUDIO_DATA: join(folder, 'data') };
  const flags = ['--remote-debugging-port=0', `--user-data-dir=${join(folder, 'profile')}`];
  const child = spawn(executable, [...flags, ...args], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    // A group of its own: its processes write into the profile for a while after the first has ended.
    detached: process.platform !== 'win32',
  });
  const stderr = new OutputTail(child.stderr, 2 ** 16);
  const ended = new Promise<never>((_, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`it ended with code ${code}: ${stderr.text}`)));
  });
  // Also where nobody waits for it any more.
  ended.catch(() => {});
  try {
    const address = await Promise.race([ended, debuggingAddress(stderr, timeoutMs)]);
    return await Promise.race([ended, ask(address, screenshot, timeoutMs)]);
  } finally {
    child.kill();
    await ended.catch(() => {});
    endGroup(child.pid);
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

/** What is left of it. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined || process.platform === 'win32') return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing is.
  }
}

async function debuggingAddress(stderr: OutputTail, timeoutMs: number): Promise<string> {
  const until = performance.now() + timeoutMs;
  while (performance.now() < until) {
    const [, address] = /DevTools listening on (ws:\S+)/.exec(stderr.text) ?? [];
    if (address !== undefined) return address;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`it opened no debugging port: ${stderr.text}`);
}

async function ask(address: string, screenshot: string, timeout: number) {
  const browser = await chromium.connectOverCDP(address, { timeout });
  try {
    const context = browser.contexts()[0]!;
    context.setDefaultTimeout(timeout);
    const page: Page = context.pages()[0] ?? (await context.waitForEvent('page'));
    await page.getByTestId('model').getByText('starter').waitFor();
    await page.getByTestId('prompt').fill('Tom has 3 apples and buys 5 more. How many apples does he have?');
    await page.keyboard.press('ControlOrMeta+Enter');
    await page.getByTestId('status').getByText('Finished').waitFor();
    mkdirSync(dirname(screenshot), { recursive: true });
    await page.screenshot({ path: screenshot });
    const answers = await page.getByTestId('lane-slot').first().innerText();
    await page.keyboard.press('ControlOrMeta+K');
    await page.getByTestId('palette').waitFor();
    await page.keyboard.type('diagnostics');
    await page.keyboard.press('Enter');
    const diagnostics = page.getByTestId('diagnostics');
    await diagnostics.getByText('onnxruntime', { exact: true }).waitFor();
    return { facts: await diagnostics.innerText(), answers };
  } finally {
    await browser.close();
  }
}
