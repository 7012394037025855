/** Everything that `models.*` asks for: the library on this machine, the hub, and downloads from it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  badInput,
  HubId,
  type ModelCard,
  type ParsedParams,
  type Preparing,
  type Pull,
  type Result,
  readHubAddress,
} from '../protocol';
import { HubCache } from './cache';
import { HubConnection } from './connection';
import { curatedModels } from './curated';
import { Elsewhere } from './elsewhere/elsewhere';
import { fetchHead, readHeadReference } from './head';
import { inspectRemote } from './inspect-remote';
import { isHubId, type Located, ModelLibrary } from './library';
import { partialSize } from './partial';
import { PreparedModels } from './prepared-models';
import { PullJob, pullIdOf } from './pull-job';
import { readReference } from './reference';
import { type PullKey, Remembered } from './remembered';
import { checkOwnFiles, filesOf, removeFrom } from './remove';
import type { RepoFile } from './repo';
import { searchHub } from './search';

export class Models {
  readonly library: ModelLibrary;
  readonly prepared: PreparedModels;
  private readonly hub = new HubConnection();
  private readonly remembered: Remembered;
  private readonly jobs = new Map<string, PullJob>();
  private readonly watchers = new Set<(pull: Pull) => void>();

  /** @param dataFolder where the list of folders and downloads is kept */
  constructor(starterFolder: string, dataFolder: string) {
    this.remembered = new Remembered(dataFolder);
    this.prepared = new PreparedModels(dataFolder);
    const { folder } = this.prepared.weights;
    this.library = new ModelLibrary(
      starterFolder,
      this.remembered,
      this.hub.endpoint,
      new HubCache(),
      new Elsewhere(),
      folder,
    );
  }

  /** Calls back with every download's progress until the returned function is called. */
  watch(callback: (pull: Pull) => void): () => void {
    this.watchers.add(callback);
    return () => this.watchers.delete(callback);
  }

  list(): Result<'models.list'> {
    const { endpoint, isOffline, hasToken } = this.hub;
    const hub = { endpoint, isOffline, hasToken, cacheFolder: this.library.cache.folder };
    return { models: this.library.list(), pulls: this.pulls(), hub };
  }

  curated(): Result<'models.curated'> {
    return { models: curatedModels((id) => this.library.cache.has(id)) };
  }

  async search(
    { query, limit }: ParsedParams<'models.search'>,
    signal: AbortSignal,
  ): Promise<Result<'models.search'>> {
    const words = readHubAddress(query, this.hub.endpoint)?.id ?? query;
    return {
      models: await searchHub(this.hub.until(signal), words, limit, (id) => this.library.cache.has(id)),
    };
  }

  async inspect(
    { onHub, ...asked }: ParsedParams<'models.inspect'>,
    signal: AbortSignal,
  ): Promise<ModelCard> {
    const { model, ...named } = readReference(asked.model, this.hub.endpoint);
    const dtype = asked.dtype ?? named.dtype;
    const revision = asked.revision ?? named.revision;
    if (model === null || !(onHub ? HubId.safeParse(model).success : isHubId(model))) {
      if (revision === null && !onHub) return this.library.inspect(model, dtype);
      throw badInput(
        'not-on-hub',
        `${model ?? 'the starter model'} is not a hub id: it has no revisions there`,
        'Give organisation/name.',
      );
    }
    const here = onHub ? undefined : this.library.inspectCached(model, dtype, revision);
    return (
      here ?? inspectRemote(this.hub.until(signal), this.library.cache, model, revision ?? 'main', dtype)
    );
  }

  /**
   * The folder of a model's head that is named by `hub:organisation/name`, fetched where it is not here yet; undefined for
   * models that are named otherwise.
   * @throws EngineError, the signal's reason
   */
  async head(text: string | null, signal: AbortSignal): Promise<Located | undefined> {
    const id = readHeadReference(text);
    if (id === undefined) return undefined;
    const folder = join(this.prepared.weights.folder, 'heads');
    const onProgress = (progress: Preparing | null) => this.prepared.tell(progress);
    return {
      folder: await fetchHead(this.hub, { id, folder, onProgress }, signal),
      id,
      source: 'folder',
      dtype: null,
    };
  }

  pull(key: ParsedParams<'models.pull'>): Pull {
    const pullId = pullIdOf(key);
    const running = this.jobs.get(pullId);
    if (running?.isActive) return running.snapshot();
    const tell = (pull: Pull) => {
      for (const watcher of this.watchers) watcher(pull);
    };
    const job = new PullJob(key, this.hub, this.library.cache, this.remembered, tell);
    this.jobs.set(pullId, job);
    return job.snapshot();
  }

  pause(pullId: string): void {
    this.jobs.get(pullId)?.pause();
  }

  /**
   * The files that `remove` would delete, by identity.
   * @throws EngineError `pull-active`, `no-dtype`
   */
  removable(params: ParsedParams<'models.remove'>): string[] {
    this.removableJobs(params);
    checkOwnFiles(this.library.cache, params.id, params);
    return filesOf(this.library.cache, params.id, params);
  }

  /**
   * Deletes what is there of a model and forgets its downloads.
   * @throws EngineError `pull-active`, `no-dtype`
   */
  remove(params: ParsedParams<'models.remove'>): Result<'models.remove'> {
    const { id, dtype, revision } = params;
    const jobs = this.removableJobs(params);
    checkOwnFiles(this.library.cache, params.id, params);
    const isMeant = meantBy(params);
    const pulls = this.remembered.read().pulls.filter(isMeant);
    const blobs = pulls.flatMap(({ files }) => files.map(({ blob }) => blob));
    const freed = removeFrom(this.library.cache, id, { dtype, revision }, blobs);
    for (const key of pulls) this.remembered.endPull(key);
    for (const { key } of jobs) this.jobs.delete(pullIdOf(key));
    return { freed };
  }

  private removableJobs(params: ParsedParams<'models.remove'>): PullJob[] {
    const isMeant = meantBy(params);
    const jobs = [...this.jobs.values()].filter(({ key }) => isMeant(key));
    if (!jobs.some((job) => job.isActive)) return jobs;
    throw badInput('pull-active', `${params.id} is being downloaded`, 'Pause the download first.');
  }

  /** Pauses every download and closes the hub's connections. */
  async stop(): Promise<void> {
    const jobs = [...this.jobs.values()];
    for (const job of jobs) job.pause();
    await Promise.all(jobs.map((job) => job.ended));
    await this.hub.close();
  }

  /** Those of this process, and those that an earlier one began. */
  private pulls(): Pull[] {
    const own = [...this.jobs.values()].map((job) => job.snapshot()).filter(({ state }) => state !== 'done');
    const known = new Set(own.map(({ pullId }) => pullId));
    const earlier = this.remembered.read().pulls.filter((key) => !known.has(pullIdOf(key)));
    return [...own, ...earlier.map(({ files, ...key }) => this.paused(key, files))];
  }

  private paused(key: PullKey, remembered: readonly RepoFile[]): Pull {
    const { cache } = this.library;
    const files = remembered.map(({ path, bytes, blob }) => {
      const at = cache.blob(key.id, blob);
      return { path, bytes, done: existsSync(at) ? bytes : partialSize(at, bytes) };
    });
    return {
      pullId: pullIdOf(key),
      ...key,
      state: 'paused',
      files,
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
      done: files.reduce((sum, { done }) => sum + done, 0),
      bytesPerSecond: null,
      secondsLeft: null,
      problem: null,
    };
  }
}

function meantBy({ id, dtype, revision }: ParsedParams<'models.remove'>): (key: PullKey) => boolean {
  return (key) =>
    key.id === id &&
    (dtype === null || key.dtype === dtype) &&
    (revision === null || key.revision === revision);
}
