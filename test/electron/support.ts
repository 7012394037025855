/** The bundled preload script and processes, built anew for the tests into a folder of their own. */
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createBuilder } from 'vite';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export type Bundle = 'node' | 'preload';

/** Returns the folder that holds what was built: in dist/, so that packages and assets are found from it. */
export async function bundle(...names: Bundle[]): Promise<string> {
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  const outDir = mkdtempSync(join(ROOT, 'dist', 'test-'));
  const environments = { node: { build: { outDir } }, preload: { build: { outDir } } };
  const configFile = join(ROOT, 'electron', 'vite.config.ts');
  const builder = await createBuilder({ configFile, logLevel: 'silent', environments });
  for (const name of names) await builder.build(builder.environments[name]!);
  return outDir;
}
