/** Starts the desktop shell on the stand-in, with bundles built anew into a folder of their own. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createBuilder } from 'vite';
import { expect, vi } from 'vitest';
import { startApp } from '../../electron/app';
import type { DesktopBridge } from '../../electron/preload';
import { isAlive, SCRIPTED } from '../process/support';
import { builtWindow } from '../serve/support';
import { StandInWindow } from './stand-in/browser-window';
import { app } from './stand-in/electron';
import { world } from './stand-in/world';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export type Bundle = 'main' | 'engine' | 'cli' | 'preload';

/** Returns the folder that holds what was built: in dist/, so that packages and assets are found from it. */
export async function bundle(...names: Bundle[]): Promise<string> {
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  const outDir = mkdtempSync(join(ROOT, 'dist', 'test-'));
  const build = { outDir };
  const environments = { main: { build }, engine: { build }, cli: { build }, preload: { build } };
  const configFile = join(ROOT, 'electron', 'vite.config.ts');
  const builder = await createBuilder({ configFile, logLevel: 'silent', environments });
  for (const name of names) await builder.build(builder.environments[name]!);
  return outDir;
}

/** What an engine that is no package's is checked for. */
export const checkEngine = async () => {};

export const window = () => StandInWindow.all[0]!;
export const page = () => window().webContents.page!;
export const bridge = () => page().window.slotStudio as DesktopBridge;

/** Starts the app on the scripted engine; returns what ends it with all that it started. */
export async function startDesktop(
  prepare: (userData: string) => void = () => {},
): Promise<() => Promise<void>> {
  world.userData = mkdtempSync(join(tmpdir(), 'slot-user-'));
  prepare(world.userData);
  const folder = await bundle('preload');
  const preload = join(folder, 'preload.cjs');
  expect(await startApp({ engine: SCRIPTED, checkEngine, preload, root: builtWindow() })).toBe(true);
  await vi.waitUntil(() => window().webContents.page);
  return async () => {
    rmSync(folder, { recursive: true, force: true });
    await endEngines();
  };
}

export async function endEngines(): Promise<void> {
  app.quit();
  await vi.waitUntil(() => world.utilityProcesses.every(({ pid }) => !isAlive(pid)), { timeout: 10_000 });
}
