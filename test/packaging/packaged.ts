/** What the tests of packages look at: files, what an archive lists, what kind of binary a file is. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getRawHeader, listPackage } from '@electron/asar';
import type { Platform, Target } from '../../packaging/targets';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Files below `folder`, by their paths within it. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => name.replaceAll('\\', '/'))
    .sort();
}

export function bytesBelow(folder: string): number {
  return filesBelow(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

/** Files of an archive; folders are left out. */
export function archived(archive: string): string[] {
  const names = listPackage(archive, { isPack: false }).map((name) => name.slice(1).replaceAll('\\', '/'));
  return names.filter((name) => !names.some((other) => other.startsWith(`${name}/`))).sort();
}

/** What Electron is told of an archive: the hash of its header, which holds those of its files. */
export function headerHash(archive: string): string {
  return createHash('sha256').update(getRawHeader(archive).headerString).digest('hex');
}

/** Names as they are before Vite puts a hash into them. */
export const withoutHash = (name: string) => name.replace(/-[\w-]{8}(?=\.\w+$)/, '');

/** From the file's own header; null for what is no binary. */
export function kindOf(file: string): Target | null {
  const bytes = readFileSync(file);
  if (bytes.length < 64) return null;
  if (bytes.subarray(0, 4).equals(Buffer.from('\x7fELF', 'latin1'))) {
    return kind('linux', { 62: 'x64', 183: 'arm64' }, bytes.readUInt16LE(18));
  }
  if (bytes.toString('latin1', 0, 2) === 'MZ') {
    return kind('win32', { 34404: 'x64', 43620: 'arm64' }, bytes.readUInt16LE(bytes.readUInt32LE(0x3c) + 4));
  }
  if (bytes.readUInt32LE(0) === 0xfeedfacf) {
    return kind('darwin', { 16777223: 'x64', 16777228: 'arm64' }, bytes.readUInt32LE(4));
  }
  return null;
}

function kind(
  platform: Platform,
  machines: Readonly<Record<number, Target['arch']>>,
  machine: number,
): Target {
  const arch = machines[machine];
  if (arch === undefined) throw new Error(`a binary for ${platform}'s machine ${machine}`);
  return { platform, arch };
}

/** Runs one of the project's scripts as a user does. */
export function script(path: string, ...args: string[]): string {
  const tsx = join(ROOT, 'node_modules', 'tsx', 'dist', 'cli.mjs');
  return execFileSync(process.execPath, [tsx, path, ...args], { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' });
}
