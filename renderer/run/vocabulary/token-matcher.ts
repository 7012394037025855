/** One vocabulary's search, in a worker that is stopped and replaced when a pattern takes too long. */

import { type PackedTokens, packTokens, type Query, queryProblem } from './match';
import { type FromMatchWorker, READY, type ToMatchWorker } from './match-messages';

const PATIENCE_MS = 1_000;
/** Starting a worker and handing it a vocabulary is no fault of the pattern. */
const START_MS = 10_000;
const CANNOT_START = 'The search could not be started. Reload the window.';

export type MatchOutcome = { readonly ids: Uint32Array } | { readonly problem: string };

/** The part of a Worker that is used, so that tests can stand in for it. */
export interface MatchWorker {
  postMessage(message: ToMatchWorker): void;
  terminate(): void;
  onmessage: ((event: { readonly data: FromMatchWorker }) => void) | null;
  onerror: ((event: unknown) => void) | null;
}

interface Job {
  readonly id: number;
  readonly query: Query;
  readonly settle: (outcome: MatchOutcome) => void;
}

const spawnWorker = (): MatchWorker =>
  // The cast narrows what a Worker may be sent; its own messages are those of match-worker.ts.
  new Worker(new URL('./match-worker.ts', import.meta.url), { type: 'module' }) as unknown as MatchWorker;

export class TokenMatcher {
  #packed: PackedTokens | null = null;
  #worker: MatchWorker | null = null;
  #isReady = false;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #jobs: Job[] = [];
  #lastId = 0;

  constructor(
    private readonly tokens: readonly string[],
    private readonly spawn: () => MatchWorker = spawnWorker,
    private readonly patience = PATIENCE_MS,
  ) {}

  /** Readies the worker, so that the first query need not wait for it. */
  prepare(): void {
    if (!this.#worker) this.#start();
  }

  /** Never rejects. Queries are answered in order; each has its own time. */
  match(query: Query): Promise<MatchOutcome> {
    const problem = queryProblem(query);
    if (problem !== null) return Promise.resolve({ problem });
    return new Promise((settle) => {
      this.#lastId += 1;
      this.#jobs.push({ id: this.#lastId, query, settle });
      if (this.#jobs.length === 1) this.#begin();
    });
  }

  close(): void {
    this.#stop();
    const waiting = this.#jobs;
    this.#jobs = [];
    for (const { settle } of waiting) settle({ problem: 'the search was closed' });
  }

  #begin(): void {
    const job = this.#jobs[0];
    if (!job) return;
    if (!this.#worker) this.#start();
    // Until it is ready, its own start is timed; the message that it is comes here again.
    else if (this.#isReady) {
      const seconds = this.patience / 1000;
      this.#expire(
        this.patience,
        `Stopped after ${seconds} s: it takes too long over this vocabulary. Simplify it.`,
      );
      this.#worker.postMessage({ type: 'match', id: job.id, query: job.query });
    }
  }

  #start(): void {
    const worker = this.spawn();
    this.#worker = worker;
    this.#isReady = false;
    this.#expire(START_MS, CANNOT_START);
    worker.onmessage = ({ data }) => {
      if (this.#worker !== worker) return;
      if (data.id === READY) {
        this.#isReady = true;
        this.#rest();
        this.#begin();
      } else if (data.id === this.#jobs[0]?.id) {
        this.#finish(data.problem === null ? { ids: data.ids } : { problem: data.problem });
      }
    };
    worker.onerror = () => {
      if (this.#worker !== worker) return;
      this.#stop();
      this.#finish({ problem: CANNOT_START });
    };
    this.#packed ??= packTokens(this.tokens);
    worker.postMessage({ type: 'tokens', packed: this.#packed });
  }

  #expire(ms: number, problem: string): void {
    this.#rest();
    this.#timer = setTimeout(() => {
      this.#stop();
      this.#finish({ problem });
    }, ms);
  }

  #finish(outcome: MatchOutcome): void {
    this.#rest();
    this.#jobs.shift()?.settle(outcome);
    this.#begin();
  }

  #rest(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #stop(): void {
    this.#rest();
    this.#worker?.terminate();
    this.#worker = null;
  }
}
