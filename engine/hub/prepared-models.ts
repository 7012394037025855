/** Weights that were prepared on this machine, and what is told while some are. */
import { listPrepared, preparedFolder, removePrepared } from '../checkpoint/prepare/prepared-list';
import type { PreparedWeights } from '../model/made-weights';
import type { Preparing, Result } from '../protocol';

export class PreparedModels {
  /** What a model is opened with. */
  readonly weights: PreparedWeights;
  private readonly watchers = new Set<(preparing: Preparing | null) => void>();

  /** @param dataFolder where they are kept unless the environment says otherwise */
  constructor(dataFolder: string) {
    this.weights = { folder: preparedFolder(dataFolder), onProgress: (preparing) => this.tell(preparing) };
  }

  tell(preparing: Preparing | null): void {
    for (const watcher of this.watchers) watcher(preparing);
  }

  /** Calls back with how far it is until the returned function is called. */
  watch(callback: (preparing: Preparing | null) => void): () => void {
    this.watchers.add(callback);
    return () => this.watchers.delete(callback);
  }

  list(): Result<'models.prepared'> {
    const { folder } = this.weights;
    const prepared = listPrepared(folder).map(({ made, ...entry }) => ({
      ...entry,
      name: made?.name ?? null,
      created: made?.created ?? null,
    }));
    return { folder, prepared };
  }

  /** @throws EngineError `not-prepared`, `in-use` */
  remove(key: string): Result<'models.removePrepared'> {
    return { freed: removePrepared(this.weights.folder, key) };
  }
}
