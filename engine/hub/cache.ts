/** The Hugging Face cache, as its own tools lay it out: models--org--name/{blobs,refs,snapshots}. */
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { getHFHubCachePath, getRepoFolderName } from '@huggingface/hub';
import { onnxFiles } from '../model/folder';
import { CONFIG_FILES, weightFiles } from '../model/inspect';
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

  /** A file's content, by its hash. */
  blob(id: string, hash: string): string {
    return join(this.repo(id), 'blobs', hash);
  }

  /** The snapshots of a model that hold ONNX files: the one that `main` names first, then the latest. */
  snapshots(id: string): Snapshot[] {
    const main = this.commitOf(id, 'main');
    const rank = ({ commit }: Snapshot) => (commit === main ? 0 : 1);
    return this.allSnapshots(id)
      .filter(({ folder }) => holdsOnnx(folder))
      .sort((a, b) => rank(a) - rank(b) || modified(b.folder) - modified(a.folder));
  }

  /** The first of them that is meant. @param dtype null: any @param revision branch, tag or commit; null: any */
  snapshot(id: string, dtype: string | null = null, revision: string | null = null): Snapshot | undefined {
    const wanted = revision === null ? undefined : (this.commitOf(id, revision) ?? revision);
    return this.snapshots(id).find(
      ({ commit, folder }) =>
        (wanted === undefined || commit === wanted) && (dtype === null || onnxFiles(folder).has(dtype)),
    );
  }

  has(id: string): boolean {
    return this.snapshot(id) !== undefined;
  }

  /**
   * The snapshot to open.
   * @throws EngineError `not-cached` that says how to get it
   */
  find(id: string, dtype: string | null): Snapshot {
    const found = this.snapshot(id, dtype) ?? this.snapshot(id);
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

  /**
   * Deletes a model, or one dtype of it.
   * @param blobs hashes of content that was downloaded and not placed, to go too
   * @returns bytes freed
   */
  remove(id: string, dtype: string | null, blobs: readonly string[]): number {
    const before = this.size(id);
    if (dtype !== null) this.removeDtype(id, dtype, blobs);
    if (dtype === null || this.holdsConfigsAlone(id)) rmSync(this.repo(id), { recursive: true, force: true });
    return before - this.size(id);
  }

  /** Content that something else links to stays. */
  private removeDtype(id: string, dtype: string, blobs: readonly string[]): void {
    const unlinked = new Set(blobs.map((hash) => this.blob(id, hash)));
    for (const { folder } of this.snapshots(id)) {
      const onnx = onnxFiles(folder).get(dtype);
      for (const path of onnx ? weightFiles(onnx) : []) {
        unlinked.add(this.blob(id, contentName(path)));
        rmSync(path);
      }
    }
    const linked = new Set(this.placedFiles(id).map(contentName));
    for (const blob of unlinked) if (!linked.has(basename(blob))) removeBlob(blob);
  }

  private holdsConfigsAlone(id: string): boolean {
    return this.placedFiles(id).every((path) => (CONFIG_FILES as readonly string[]).includes(basename(path)));
  }

  /** Every file of every snapshot whose link is not broken. */
  private placedFiles(id: string): string[] {
    return this.allSnapshots(id).flatMap(({ folder }) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .map((path) => join(folder, path))
        .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile()),
    );
  }

  private allSnapshots(id: string): Snapshot[] {
    const root = join(this.repo(id), 'snapshots');
    if (!existsSync(root)) return [];
    return readdirSync(root).map((commit) => ({ commit, folder: join(root, commit) }));
  }

  /** What a branch or tag was when it was downloaded. */
  private commitOf(id: string, revision: string): string | undefined {
    const path = join(this.repo(id), 'refs', ...revision.split('/'));
    return existsSync(path) && statSync(path).isFile() ? readFileSync(path, 'utf8').trim() : undefined;
  }
}

/** The name of the blob that a snapshot's file links to; its own where it is no link. */
function contentName(path: string): string {
  return basename(lstatSync(path).isSymbolicLink() ? readlinkSync(path) : path);
}

/** And what was downloaded of it. */
function removeBlob(blob: string): void {
  const folder = join(blob, '..');
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const isPartial = name.startsWith(`${basename(blob)}.`) && name.endsWith('.incomplete');
    if (name === basename(blob) || isPartial) rmSync(join(folder, name));
  }
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
