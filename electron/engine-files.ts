/** What a packaged engine is made of lies outside of the archive: its files are compared with a list within it. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { failure } from '../engine/protocol';

/** The list's name, beside the main process's bundle. */
export const ENGINE_FILES = 'engine-files.json';

/**
 * SHA-256 by path below the engine's folder. Null where the system itself checks the file as it is loaded: a Mac's
 * signature becomes part of it after the list has been made.
 */
export const EngineFiles = z.record(z.string(), z.string().length(64).nullable());
export type EngineFiles = z.infer<typeof EngineFiles>;

/** The list of a package whose main process lies in `beside`; null where this is no package. */
export function readEngineFiles(beside: string): EngineFiles | null {
  const file = join(beside, ENGINE_FILES);
  return existsSync(file) ? EngineFiles.parse(JSON.parse(readFileSync(file, 'utf8'))) : null;
}

/** Rejects with an EngineError that names a file of `folder` that is missing, changed, or not in the list. */
export async function checkEngineFiles(folder: string, listed: EngineFiles): Promise<void> {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  const names = found.map((name) => name.replaceAll('\\', '/'));
  const stray = names.find((name) => !Object.hasOwn(listed, name));
  if (stray !== undefined) throw damaged(`${stray} is not part of it`);
  for (const [name, expected] of Object.entries(listed)) {
    if (!names.includes(name)) throw damaged(`${name} is missing`);
    if (expected !== null && (await sha256(join(folder, name))) !== expected)
      throw damaged(`${name} is not the file that it came with`);
  }
}

export async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 2 ** 20 }), hash);
  return hash.digest('hex');
}

function damaged(what: string) {
  return failure(
    'installation-damaged',
    `the engine's folder has been changed: ${what}`,
    'Install SLOT Studio anew.',
  );
}
