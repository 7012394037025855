/** One download of a model: its files in parallel, its progress, pause, and the end. */
import { setImmediate } from 'node:timers/promises';
import { type EngineError, type Failure, type Pull, toEngineError, toFailure } from '../protocol';
import type { HubCache } from './cache';
import type { HubConnection } from './connection';
import { checkSpace, diskError } from './disk';
import { downloadBlob } from './download';
import { partialSize } from './partial';
import { isHere, place } from './place';
import type { PullKey, Remembered } from './remembered';
import type { Repo, RepoFile } from './repo';
import { partsOf, readModelRepo } from './repo-parts';
import { Speed } from './speed';

const PARALLEL = 4;
/** Milliseconds between two reports of progress. */
const TICK = 250;

export function pullIdOf({ id, revision, dtype }: PullKey): string {
  return `${id}@${revision}/${dtype ?? 'default'}`;
}

export class PullJob {
  /** Settles when nothing moves any more; never rejects. */
  readonly ended: Promise<void>;
  private readonly stop = new AbortController();
  private readonly speed = new Speed();
  private readonly done = new Map<RepoFile, number>();
  private state: Pull['state'] = 'downloading';
  private problem: Failure | null = null;

  /** @param onChange called several times a second while it runs, and at its end */
  constructor(
    readonly key: PullKey,
    private readonly hub: HubConnection,
    private readonly cache: HubCache,
    private readonly remembered: Remembered,
    private readonly onChange: (pull: Pull) => void,
  ) {
    this.ended = this.run();
  }

  get isActive(): boolean {
    return this.state === 'downloading' || this.state === 'verifying';
  }

  pause(): void {
    this.stop.abort();
  }

  snapshot(): Pull {
    const files = [...this.done].map(([{ path, bytes }, done]) => ({ path, bytes, done }));
    const { key, problem } = this;
    const bytes = sum(files.map((file) => file.bytes));
    const done = sum(files.map((file) => file.done));
    // All bytes are here; the last file is still being verified and placed.
    const hasAll = this.state === 'downloading' && files.length > 0 && done === bytes;
    const state = hasAll ? 'verifying' : this.state;
    const bytesPerSecond = state === 'downloading' ? this.speed.at(Date.now()) : null;
    const secondsLeft = bytesPerSecond === null ? null : (bytes - done) / bytesPerSecond;
    return { pullId: pullIdOf(key), ...key, state, files, bytes, done, bytesPerSecond, secondsLeft, problem };
  }

  private async run(): Promise<void> {
    // The caller's answer goes out before the first report of progress.
    await setImmediate();
    const ticks = setInterval(() => this.onChange(this.snapshot()), TICK);
    try {
      await this.pull();
      this.state = 'done';
      this.remembered.endPull(this.key);
    } catch (error) {
      const problem = toEngineError(error);
      this.state = this.stop.signal.aborted ? 'paused' : 'failed';
      this.problem = this.state === 'failed' ? toFailure(problem) : null;
      // A download that can never succeed is not offered again at the next start.
      if (this.state === 'failed' && problem.kind === 'input') this.remembered.endPull(this.key);
    }
    clearInterval(ticks);
    this.onChange(this.snapshot());
  }

  private async pull(): Promise<void> {
    const { id, revision, dtype } = this.key;
    const repo = await readModelRepo(this.hub.until(this.stop.signal), id, revision);
    const { weights, configs } = partsOf(repo, dtype);
    const files = [...weights, ...configs];
    this.remembered.beginPull(this.key, files);

    const missing = files.filter((file) => !isHere(this.cache, repo, file));
    for (const file of files) {
      const isMissing = missing.includes(file);
      this.done.set(file, isMissing ? partialSize(this.cache.blob(id, file.blob), file.bytes) : file.bytes);
    }
    this.onChange(this.snapshot());
    checkSpace(this.cache.folder, sum(missing.map((file) => file.bytes - this.done.get(file)!)));
    await this.fetchAll(repo, missing);
    try {
      place(this.cache, repo, files, revision);
    } catch (error) {
      throw diskError(error, this.cache.repo(id));
    }
  }

  /** A failure of one file stops the others. */
  private async fetchAll(repo: Repo, files: readonly RepoFile[]): Promise<void> {
    const failed = new AbortController();
    const signal = AbortSignal.any([this.stop.signal, failed.signal]);
    // The configs first: what is wrong with a model shows before its weights have come.
    const queue = files.toReversed();
    let failure: unknown;
    const worker = async () => {
      try {
        for (let file = queue.shift(); file; file = queue.shift()) await this.fetch(repo, file, signal);
      } catch (error) {
        if (!signal.aborted) failure = error;
        failed.abort();
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, worker));
    this.stop.signal.throwIfAborted();
    if (failure !== undefined) throw failure;
  }

  private async fetch(repo: Repo, file: RepoFile, signal: AbortSignal): Promise<void> {
    // Another process may have brought it meanwhile.
    if (isHere(this.cache, repo, file)) {
      this.done.set(file, file.bytes);
      return;
    }
    const progress = {
      onBytes: (done: number) => {
        const more = done - (this.done.get(file) ?? 0);
        this.done.set(file, done);
        if (more > 0) this.speed.add(more, Date.now());
        this.problem = null;
      },
      onWait: (why: EngineError, delay: number) => {
        this.problem = { ...toFailure(why), hint: `Trying again in ${Math.ceil(delay / 1000)} s.` };
      },
    };
    await downloadBlob(this.hub, repo, file, this.cache.blob(repo.id, file.blob), progress, signal);
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
