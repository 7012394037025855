/** The Hugging Face cache, as its own tools lay it out: models--org--name/{blobs,refs,snapshots}, and datasets--. */
import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { getHFHubCachePath, getRepoFolderName } from '@huggingface/hub';
import type { GraphSource } from '../model/graph-source';
import { graphSources, preferredSource } from '../model/graph-sources';
import { badInput, HubId } from '../protocol';

interface Snapshot {
  readonly commit: string;
  readonly folder: string;
}

/** What a repository on the hub holds. */
export type RepoType = 'model' | 'dataset';

export class HubCache {
  /** By default where HF_HUB_CACHE, HF_HOME or XDG_CACHE_HOME put it. @param type of the repositories looked at */
  constructor(
    readonly folder = getHFHubCachePath(),
    private readonly type: RepoType = 'model',
  ) {}

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
    return join(this.folder, getRepoFolderName({ type: this.type, name: id }));
  }

  /** A file's content, by its hash. */
  blob(id: string, hash: string): string {
    return join(this.repo(id), 'blobs', hash);
  }

  /** The snapshots that hold a model: the one that `main` names first, then the latest. */
  snapshots(id: string, revision: string | null = null): Snapshot[] {
    const main = this.commitOf(id, 'main');
    const rank = ({ commit }: Snapshot) => (commit === main ? 0 : 1);
    return this.allSnapshots(id, revision)
      .filter(({ folder }) => this.sources(folder).length > 0)
      .sort((a, b) => rank(a) - rank(b) || modified(b.folder) - modified(a.folder));
  }

  /** The first of `snapshots` that fits. @param dtype null: any @param revision branch, tag or commit; null: any */
  snapshot(id: string, dtype: string | null = null, revision: string | null = null): Snapshot | undefined {
    const holds = ({ folder }: Snapshot) =>
      dtype === null || this.sources(folder).some((source) => source.dtype === dtype);
    return this.snapshots(id, revision).find(holds);
  }

  has(id: string): boolean {
    return this.snapshot(id) !== undefined;
  }

  /**
   * The snapshot to open.
   * @param revision branch, tag or commit; null: any
   * @throws EngineError `not-cached` that says how to get it
   */
  find(id: string, dtype: string | null, revision: string | null = null): Snapshot {
    const found = this.snapshot(id, dtype, revision) ?? this.snapshot(id, null, revision);
    if (found) return found;
    const wanted = revision === null ? id : `${id} at ${revision}`;
    const options = [
      ...(dtype === null ? [] : ['--dtype', dtype]),
      ...(revision === null ? [] : ['--revision', revision]),
    ];
    throw badInput(
      'not-cached',
      `${wanted} is neither a folder nor a model in the cache`,
      `Download it in Models, or with: ${['models pull', id, ...options].join(' ')}`,
    );
  }

  /** Bytes on disk: blobs once each, however many snapshots link to them. */
  size(id: string): number {
    return treeSize(this.repo(id));
  }

  /** All snapshots of a repository, also those without a model. @param revision branch, tag or commit; null: any */
  allSnapshots(id: string, revision: string | null = null): Snapshot[] {
    const root = join(this.repo(id), 'snapshots');
    if (!existsSync(root)) return [];
    const wanted = revision === null ? undefined : (this.commitOf(id, revision) ?? revision);
    return readdirSync(root)
      .filter((commit) => wanted === undefined || commit === wanted)
      .map((commit) => ({ commit, folder: join(root, commit) }));
  }

  /** What a snapshot's folder holds; empty where that is no model. */
  sources(folder: string): GraphSource[] {
    try {
      return graphSources(folder);
    } catch {
      return [];
    }
  }

  /** The files that hold the weights of a dtype (null: of the one that opens), as far as they are there. */
  weights(folder: string, dtype: string | null): string[] {
    const sources = this.sources(folder);
    const source = dtype ? sources.find((each) => each.dtype === dtype) : preferredSource(sources);
    return source ? source.files.filter((file) => existsSync(file)) : [];
  }

  /** The commit that a branch or tag named when it was downloaded. */
  private commitOf(id: string, revision: string): string | undefined {
    const path = join(this.repo(id), 'refs', ...revision.split('/'));
    return existsSync(path) && statSync(path).isFile() ? readFileSync(path, 'utf8').trim() : undefined;
  }
}

function modified(path: string): number {
  return statSync(path).mtimeMs;
}

/** Bytes on disk: links are not followed, and a file with several names counts once. */
function treeSize(path: string, counted = new Set<string>()): number {
  const stat = lstatSync(path, { throwIfNoEntry: false, bigint: true });
  if (!stat) return 0;
  if (stat.isDirectory()) {
    return readdirSync(path).reduce((sum, name) => sum + treeSize(join(path, name), counted), 0);
  }
  const identity = `${stat.dev}:${stat.ino}`;
  if (!stat.isFile() || counted.has(identity)) return 0;
  counted.add(identity);
  return Number(stat.size);
}
