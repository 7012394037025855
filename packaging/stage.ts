/** Lays out what electron-builder packs: a folder that becomes the archive, and the list of what lies beside it. */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { ENGINE_FILES, type EngineFiles, sha256 } from '../electron/engine-files';
import { archiveFiles, engineFiles, type PackagedFile } from './contents';
import { nameOf, type Target } from './targets';

/** What package.json says of the app. */
const Metadata = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  license: z.string(),
  author: z.string(),
  homepage: z.string(),
  main: z.string(),
});
export type Metadata = z.infer<typeof Metadata>;

export function readMetadata(root: string): Metadata {
  return Metadata.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
}

export interface Stage {
  /** Becomes app.asar. */
  readonly archive: string;
  /** What lies beside the archive, by its path below the resources folder. */
  readonly resources: readonly PackagedFile[];
}

/** @param isSigned whether a signature is written into Mac binaries afterwards, so that their hashes change */
export async function stage(root: string, target: Target, isSigned: boolean): Promise<Stage> {
  const folder = join(root, 'dist', 'stage', nameOf(target));
  rmSync(folder, { recursive: true, force: true });
  const archive = join(folder, 'archive');
  const { main, ...metadata } = readMetadata(root);
  for (const { from, to } of archiveFiles(root)) copy(from, join(archive, to));
  // By desktopName Linux finds the icon of a window.
  const desktopName = `${metadata.name}.desktop`;
  write(join(archive, 'package.json'), { ...metadata, desktopName, type: 'module', main });

  const manifest = join(folder, 'engine-package.json');
  write(manifest, { name: `${metadata.name}-engine`, version: metadata.version, type: 'module' });
  const engine = [...engineFiles(root, target), { from: manifest, to: 'package.json' }];
  const isRewritten = (name: string) =>
    isSigned && target.platform === 'darwin' && /\.(dylib|node)$/.test(name);
  const listed: EngineFiles = {};
  for (const { from, to } of engine) listed[to] = isRewritten(to) ? null : await sha256(from);
  write(join(archive, 'dist', 'electron', ENGINE_FILES), listed);

  // electron-builder leaves out of the archive what it is to put beside it from the same place: hence the copy.
  const notices = join(folder, 'third-party-notices.txt');
  copy(join(root, 'dist', 'renderer', 'notices.txt'), notices);
  const words = [
    { from: join(root, 'LICENSE'), to: 'licences/LICENSE.txt' },
    { from: notices, to: 'licences/third-party-notices.txt' },
  ];
  return { archive, resources: [...words, ...engine.map(({ from, to }) => ({ from, to: `engine/${to}` }))] };
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

function write(file: string, content: unknown): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
}
