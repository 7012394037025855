/** The bundled preload script and processes, built anew for the tests into a folder of their own. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createBuilder } from 'vite';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export type Bundle = 'node' | 'preload';

/** Returns the folder that holds what was built. */
export async function bundle(...names: Bundle[]): Promise<string> {
  // Inside the repository, so that what is not bundled is found; below dist/, which is ignored.
  const outDir = mkdtempSync(join(tmpdir(), 'slot-bundle-'));
  const environments = { node: { build: { outDir } }, preload: { build: { outDir } } };
  const configFile = join(ROOT, 'electron', 'vite.config.ts');
  const builder = await createBuilder({ configFile, logLevel: 'silent', environments });
  for (const name of names) await builder.build(builder.environments[name]!);
  return outDir;
}
