/** Everything that `models.*` asks for: the library on this machine and the hub behind it. */
import { failure, type ParsedParams, type Pull, type Result } from '../protocol';
import { curatedModels } from './curated';
import { ModelLibrary } from './library';
import { Remembered } from './remembered';

export class Models {
  readonly library: ModelLibrary;
  private readonly watchers = new Set<(pull: Pull) => void>();

  constructor(starterFolder: string, dataFolder: string) {
    this.library = new ModelLibrary(starterFolder, new Remembered(dataFolder));
  }

  watch(callback: (pull: Pull) => void): () => void {
    this.watchers.add(callback);
    return () => this.watchers.delete(callback);
  }

  list(): Result<'models.list'> {
    const hub = {
      endpoint: 'https://huggingface.co',
      cacheFolder: this.library.cache.folder,
      isOffline: true,
      hasToken: false,
    };
    return { models: this.library.list(), pulls: [], hub };
  }

  curated(): Result<'models.curated'> {
    return { models: curatedModels((id) => this.library.cache.snapshots(id).length > 0) };
  }

  inspect({ model, dtype }: ParsedParams<'models.inspect'>): Result<'models.inspect'> {
    return this.library.inspect(model, dtype);
  }

  search(_params: ParsedParams<'models.search'>): Result<'models.search'> {
    throw notYet();
  }

  pull(_params: ParsedParams<'models.pull'>): Result<'models.pull'> {
    throw notYet();
  }

  pause(_pullId: string): void {}

  remove({ id }: ParsedParams<'models.remove'>): Result<'models.remove'> {
    return { freed: this.library.cache.remove(id) };
  }

  async stop(): Promise<void> {}
}

function notYet() {
  return failure('no-hub', 'the hub cannot be reached from here yet', 'Use models that are on this machine.');
}
