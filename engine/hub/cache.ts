/** The Hugging Face cache, as its own tools lay it out: models--org--name/{blobs,refs,snapshots}. */
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { getHFHubCachePath, getRepoFolderName } from '@huggingface/hub';
import { onnxFiles } from '../model/folder';
import { badInput, HubId } from '../protocol';

export interface Snapshot {
  readonly commit: string;
  readonly folder: string;
}

export class HubCache {
  /** By default where HF_HUB_CACHE, HF_HOME or XDG_CACHE_HOME put it. */
  constructor(readonly folder = getHFHubCachePath()) {}

  /** Hub ids of the models that lie here, whole or in part. */
  ids(): string[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder)
      .filter((name) => name.startsWith('models--'))
      .map((name) => name.slice('models--'.length).replace('--', '/'))
      .filter((id) => HubId.safeParse(id).success)
      .sort();
  }

  repo(id: string): string {
    return join(this.folder, getRepoFolderName({ type: 'model', name: id }));
  }

  /** The snapshots of a model that hold ONNX files: the one that `main` names first, then the latest. */
  snapshots(id: string, revision = 'main'): Snapshot[] {
    const root = join(this.repo(id), 'snapshots');
    if (!existsSync(root)) return [];
    const named = this.ref(id, revision) ?? revision;
    return readdirSync(root)
      .map((commit) => ({ commit, folder: join(root, commit) }))
      .filter(({ folder }) => holdsOnnx(folder))
      .sort((a, b) => rank(a, named) - rank(b, named) || modified(b.folder) - modified(a.folder));
  }

  /** The commit that a branch or tag pointed to when it was downloaded. */
  ref(id: string, revision: string): string | undefined {
    const path = join(this.repo(id), 'refs', ...revision.split('/'));
    return existsSync(path) && statSync(path).isFile() ? readFileSync(path, 'utf8').trim() : undefined;
  }

  /**
   * The snapshot to open.
   * @throws EngineError `not-cached` that says how to get it
   */
  find(id: string, dtype: string | null): Snapshot {
    const snapshots = this.snapshots(id);
    const found =
      snapshots.find(({ folder }) => dtype === null || onnxFiles(folder).has(dtype)) ?? snapshots[0];
    if (found) return found;
    throw badInput(
      'not-cached',
      `${id} is neither a folder nor a model in the cache`,
      `Get it with: models pull ${id}${dtype === null ? '' : ` --dtype ${dtype}`}`,
    );
  }

  /** Bytes on disk: blobs once each, however many snapshots link to them. */
  size(id: string): number {
    return treeSize(this.repo(id));
  }

  /** @returns bytes freed */
  remove(id: string): number {
    const freed = this.size(id);
    rmSync(this.repo(id), { recursive: true, force: true });
    return freed;
  }
}

function rank({ commit }: Snapshot, named: string): number {
  return commit === named ? 0 : 1;
}

function modified(path: string): number {
  return statSync(path).mtimeMs;
}

function holdsOnnx(folder: string): boolean {
  try {
    return onnxFiles(folder).size > 0;
  } catch {
    return false;
  }
}

/** Follows no link. */
function treeSize(path: string): number {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.isFile() ? stat.size : 0;
  return readdirSync(path).reduce((sum, name) => sum + treeSize(join(path, name)), 0);
}
