/** Makes the packages of one target: the app as a folder first, then each format from that folder. */
import { readFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { path7za } from '7zip-bin';
import { Arch, Platform as BuilderPlatform, build, type Configuration } from 'electron-builder';
import { z } from 'zod';
import { builderConfig } from './builder-config';
import { signingOf } from './signing';
import { readMetadata, stage } from './stage';
import type { Platform, Target } from './targets';

export interface PackageOptions {
  /** The checkout, built, with icons. */
  readonly root: string;
  readonly output: string;
  /** Of the platform's formats; none makes the folder alone. */
  readonly formats: readonly string[];
  /** Folder or zip of an Electron runtime; null to have it downloaded. */
  readonly electronDist: string | null;
  readonly env: NodeJS.ProcessEnv;
}

export interface Packaged {
  /** The app, as it would be installed. */
  readonly folder: string;
  readonly files: readonly string[];
  readonly failed: readonly Failed[];
  /** What whoever makes the package should know. */
  readonly notice: string;
}

/** A format that was not made. */
interface Failed {
  readonly format: string;
  readonly reason: string;
  /** Its tools are to be downloaded, and where they lie cannot be reached: nothing is wrong with the package. */
  readonly isOutOfReach: boolean;
}

/** Rejects where not even the folder can be made. */
export async function makePackage(target: Target, options: PackageOptions): Promise<Packaged> {
  const { root, output, formats, electronDist, env } = options;
  const metadata = readMetadata(root);
  const signing = signingOf(target.platform, env);
  const staged = await stage(root, target, signing.isSigned);
  const electronVersion = installedElectron();
  const config = builderConfig(target, staged, {
    root,
    output,
    electronVersion,
    electronDist,
    metadata,
    signing,
  });
  await run(target, root, config, 'dir');
  const folder = join(output, folderOf(target));

  const files: string[] = [];
  const failed: Failed[] = [];
  // Of npm, so that archives are made without a further download; its package does not say that it is a program.
  await chmod(path7za, 0o755);
  process.env.ELECTRON_BUILDER_7ZIP_PATH ??= path7za;
  const app = target.platform === 'darwin' ? join(folder, `${config.productName}.app`) : folder;
  for (const format of formats) {
    try {
      files.push(...(await run(target, root, config, format, app)));
    } catch (thrown) {
      failed.push({ format, reason: firstLine(thrown), isOutOfReach: isOutOfReach(thrown) });
    }
  }
  return { folder, files, failed, notice: signing.notice };
}

const BUILDER: Readonly<Record<Platform, BuilderPlatform>> = {
  linux: BuilderPlatform.LINUX,
  win32: BuilderPlatform.WINDOWS,
  darwin: BuilderPlatform.MAC,
};

function run(
  { platform, arch }: Target,
  root: string,
  config: Configuration,
  format: string,
  prepackaged?: string,
): Promise<string[]> {
  return build({
    targets: BUILDER[platform].createTarget([format], Arch[arch]),
    projectDir: root,
    config,
    publish: 'never',
    ...(prepackaged !== undefined && { prepackaged }),
  });
}

/** Where electron-builder puts the app below the output folder. */
function folderOf({ platform, arch }: Target): string {
  const suffix = arch === 'x64' ? '' : `-${arch}`;
  if (platform === 'darwin') return `mac${suffix}`;
  return `${platform === 'win32' ? 'win' : 'linux'}${suffix}-unpacked`;
}

function installedElectron(): string {
  const manifest = createRequire(import.meta.url).resolve('electron/package.json');
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(manifest, 'utf8'))).version;
}

const UNREACHED = ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH', 'ETIMEDOUT'];

function isOutOfReach(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  return UNREACHED.includes(code) || isOutOfReach(thrown.cause);
}

function firstLine(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.split('\n', 1)[0] ?? '';
}
