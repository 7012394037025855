/** Data sets in the Hugging Face cache, and their download into it. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { badInput } from '../protocol';
import { HubCache } from './cache';
import { HubConnection } from './connection';
import { checkSpace, diskError } from './disk';
import { downloadBlob } from './download';
import { isHere, place } from './place';
import { readRepo } from './repo';
import { listTree } from './tree';

export interface CachedFiles {
  readonly commit: string;
  /** Where each lies, by its path in the repository, in order. */
  readonly files: readonly { readonly path: string; readonly at: string }[];
}

export class HubDatasets {
  constructor(
    private readonly env: NodeJS.ProcessEnv = process.env,
    private readonly cache = new HubCache(undefined, 'dataset'),
  ) {}

  /** The latest snapshot that has files of the names that are wanted. */
  find(id: string, isWanted: (path: string) => boolean): CachedFiles | undefined {
    return this.cache
      .allSnapshots(id)
      .sort((a, b) => statSync(b.folder).mtimeMs - statSync(a.folder).mtimeMs)
      .map(({ commit, folder }) => ({
        commit,
        files: listTree(folder)
          .filter(isWanted)
          .map((path) => ({ path, at: join(folder, ...path.split('/')) }))
          // A link whose blob was deleted is no file.
          .filter(({ at }) => existsSync(at)),
      }))
      .find(({ files }) => files.length > 0);
  }

  /**
   * Downloads what is not there yet, verified as models' files are; what had arrived is gone on from.
   * @throws EngineError: no access, no connection, no such file, no room on the disk
   */
  async pull(
    id: string,
    isWanted: (path: string) => boolean,
    signal = new AbortController().signal,
  ): Promise<CachedFiles> {
    const hub = new HubConnection(this.env);
    try {
      const repo = await readRepo(hub.until(signal), id, 'main', 'dataset', isWanted);
      if (repo.files.length === 0)
        throw badInput('no-file', `the data set ${id} has no files of the names that it used to have`);
      const missing = repo.files.filter((file) => !isHere(this.cache, repo, file));
      checkSpace(
        this.cache.folder,
        missing.reduce((sum, { bytes }) => sum + bytes, 0),
      );
      const untold = { onBytes: () => {}, onWait: () => {} };
      for (const file of missing)
        await downloadBlob(hub, repo, file, this.cache.blob(id, file.blob), untold, signal);
      try {
        place(this.cache, repo, repo.files, 'main');
      } catch (error) {
        throw diskError(error, this.cache.repo(id));
      }
    } finally {
      await hub.close();
    }
    const found = this.find(id, isWanted);
    if (!found) throw badInput('no-dataset', `${id} went away from the cache while it was downloaded`);
    return found;
  }
}
