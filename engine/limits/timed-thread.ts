/** Work in a thread of its own, which is ended where the work does not end itself. */
import type { Worker } from 'node:worker_threads';
import { startWorker, type ThreadModule } from './start-worker';

/** What a thread may allocate: a power tower is out of memory before it is out of time. */
const MAX_HEAP_MIB = 512;
/** Loading a library on a machine that does much else. */
const MAX_START_MS = 60_000;

/** Why work was given up: the thread that did it is gone, and the next work gets a fresh one. */
export class GivenUp extends Error {
  override readonly name = 'GivenUp';
}

/** The thread's module says `ready` when it can work, and answers each message with one. */
export const READY = 'ready';

/** One piece of work at a time; others wait. Whoever makes it closes it. */
export class TimedThread<Request, Answer> {
  #worker: Worker | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #closed = false;

  /**
   * @param ms for one piece of work; starting the thread does not count
   * @param read checks what the thread answers
   */
  constructor(
    private readonly module: ThreadModule,
    private readonly ms: number,
    private readonly read: (answer: unknown) => Answer,
  ) {}

  /**
   * @param signal ends the work, or takes it out of the queue
   * @throws GivenUp once its time is over or the thread died of it; the signal's reason
   */
  async ask(request: Request, signal?: AbortSignal): Promise<Answer> {
    const turn = this.#queue.then(() => this.#work(request, signal));
    this.#queue = turn.catch(() => {});
    return turn;
  }

  /** Ends the thread, whatever it does. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#end();
  }

  async #work(request: Request, signal: AbortSignal | undefined): Promise<Answer> {
    signal?.throwIfAborted();
    if (this.#closed) throw new GivenUp('the thread is closed');
    try {
      const worker = this.#worker ?? (await this.#start(signal));
      const answer = next(worker, this.ms, signal);
      worker.postMessage(request);
      return this.read(await answer);
    } catch (thrown) {
      await this.#end();
      throw thrown;
    }
  }

  async #start(signal: AbortSignal | undefined): Promise<Worker> {
    const worker = startWorker(this.module, MAX_HEAP_MIB);
    this.#worker = worker;
    // What kills a thread is told of the work that it was at; one that dies idle is replaced.
    worker
      .on('error', () => {})
      .on('exit', () => {
        if (this.#worker === worker) this.#worker = undefined;
      });
    await next(worker, MAX_START_MS, signal);
    return worker;
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }
}

/** The worker's next message. */
function next(worker: Worker, ms: number, signal: AbortSignal | undefined): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      act();
    };
    const onMessage = (message: unknown) => settle(() => resolve(message));
    const onAbort = () => settle(() => reject(signal!.reason));
    const onExit = () => settle(() => reject(new GivenUp('it ended its thread')));
    const onError = (error: Error) => settle(() => reject(new GivenUp(died(error))));
    const timer = setTimeout(() => settle(() => reject(new GivenUp(`it took more than ${ms / 1000} s`))), ms);
    signal?.addEventListener('abort', onAbort, { once: true });
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
  });
}

function died(error: NodeJS.ErrnoException): string {
  return error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? `it took more than ${MAX_HEAP_MIB} MiB` : error.message;
}
