/** Puts a model's or data set's folder into a Hugging Face cache as the hub's own tools do: blobs, links, refs. */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** Every file below `folder`, by its path with slashes. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => path.replaceAll('\\', '/'))
    .sort();
}

/** @returns the snapshot's folder */
export function putInCache(
  cache: string,
  id: string,
  folder: string,
  commit = 'a'.repeat(40),
  kind: 'models' | 'datasets' = 'models',
): string {
  const repo = join(cache, `${kind}--${id.replace('/', '--')}`);
  const snapshot = join(repo, 'snapshots', commit);
  mkdirSync(join(repo, 'blobs'), { recursive: true });
  mkdirSync(join(repo, 'refs'), { recursive: true });
  for (const path of filesBelow(folder)) {
    const blob = join(
      repo,
      'blobs',
      createHash('sha256')
        .update(readFileSync(join(folder, path)))
        .digest('hex'),
    );
    copyFileSync(join(folder, path), blob);
    const link = join(snapshot, path);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(relative(dirname(link), blob), link);
  }
  writeFileSync(join(repo, 'refs', 'main'), commit);
  return snapshot;
}
