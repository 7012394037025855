/**
 * Electron's own archive, put into the cache of Electron's own downloader (@electron/get), which knows mirrors and
 * checksums; the package's install script then finds it there and unpacks it.
 */
import { copyFileSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { downloadArtifact } from '@electron/get';
import { z } from 'zod';
import { type DownloadOptions, downloadResumed } from './resumed-download';

const Manifest = z.object({ version: z.string() });
const Checksums = z.record(z.string(), z.string());

/**
 * @param folder of the electron package, where an archive that is not whole waits for the next start
 * @throws the reason; the signal's where that is aborted
 */
export async function fetchRuntime(
  folder: string,
  env: NodeJS.ProcessEnv,
  options: DownloadOptions,
): Promise<void> {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  // As the package's install script asks, so that it finds what is fetched here.
  const asksServer = env.electron_use_remote_checksums ?? env.npm_config_electron_use_remote_checksums;
  let wasResumed = false;
  const get = () =>
    downloadArtifact({
      version: Manifest.parse(read('package.json')).version,
      artifactName: 'electron',
      platform: env.ELECTRON_INSTALL_PLATFORM || env.npm_config_platform || process.platform,
      arch: env.ELECTRON_INSTALL_ARCH || env.npm_config_arch || process.arch,
      ...(env.electron_config_cache && { cacheRoot: env.electron_config_cache }),
      ...(!asksServer && { checksums: Checksums.parse(read('checksums.json')) }),
      downloader: {
        async download(url, target) {
          const partial = join(folder, `${basename(target)}.partial`);
          wasResumed = await downloadResumed(url, partial, options);
          moveFile(partial, target);
        },
      },
    });
  try {
    await get();
  } catch (error) {
    options.signal.throwIfAborted();
    if (!wasResumed) throw error;
    // Its parts may not have belonged together: a checksum that is wrong once more is the server's.
    wasResumed = false;
    await get();
  }
}

/** The temporary folder may lie on another disk. */
function moveFile(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch {
    copyFileSync(from, to);
    rmSync(from);
  }
}
