/** The parent's handle on a forked engine process: starts it on demand, tells how it ended, stops it for good. */
import { type ChildProcess, fork } from 'node:child_process';
import type { ServerMessage } from '../protocol';
import { failure } from '../protocol';
import { exitDetail, lastError, launchFailure, OutputTail } from './exit-detail';
import { childEnvironment, type EngineEntry, engineEntry } from './launch';
import type { FromEngineProcess, ToEngineProcess } from './wire';

export interface EngineProcessOptions {
  /** What to run. Default: the engine. */
  entry?: EngineEntry;
  /** How long the process may take until it can answer, in milliseconds. */
  launchTimeout?: number;
  /** How long it may take to leave when asked to, in milliseconds; then it is killed. */
  stopTimeout?: number;
}

/** How an engine process ended. `detail` is one sentence for the user. */
export type EngineExit =
  | { reason: 'stopped'; detail: string }
  | { reason: 'launch-failed'; detail: string }
  | { reason: 'exited'; code: number | null; signal: NodeJS.Signals | null; detail: string };

/** Someone who talks to the engine through this process; outlives the process, which may be restarted. */
export interface EngineClient {
  onMessage(message: ServerMessage): void;
  onReady(): void;
  onExit(exit: EngineExit): void;
}

interface Running {
  child: ChildProcess;
  ready: Promise<void>;
  ended: Promise<void>;
  answered: boolean;
  stopping: boolean;
}

export class EngineProcess {
  readonly #options: Required<EngineProcessOptions>;
  readonly #clients = new Map<number, EngineClient>();
  #nextClient = 0;
  #running: Running | undefined;
  #closed = false;

  constructor(options: EngineProcessOptions = {}) {
    this.#options = { entry: engineEntry(), launchTimeout: 60_000, stopTimeout: 3_000, ...options };
  }

  /** The process id while there is a process. */
  get pid(): number | undefined {
    return this.#running?.child.pid;
  }

  /** Starts the process if there is none; resolves once it answers. Rejects with EngineError. */
  start(): Promise<void> {
    if (this.#closed) return Promise.reject(failure('engine-stopped', 'the engine has been shut down'));
    if (this.#running?.stopping === true) return this.#running.ended.then(() => this.start());
    this.#running ??= this.#launch();
    return this.#running.ready;
  }

  /** Registers a client and returns its number. Its `onReady` is called even where the process stands already. */
  attach(client: EngineClient): number {
    const id = this.#nextClient++;
    this.#clients.set(id, client);
    if (this.#running === undefined) return id;
    void this.#post({ type: 'client.open', client: id }).catch(() => {});
    if (this.#running.answered) queueMicrotask(() => client.onReady());
    return id;
  }

  detach(client: number): void {
    if (this.#clients.delete(client)) void this.#post({ type: 'client.close', client }).catch(() => {});
  }

  /** Sends a client's message; starts the process where needed. Resolves once the pipe has taken the message. */
  async send(client: number, message: unknown): Promise<void> {
    await this.start();
    await this.#post({ type: 'client.message', client, message });
  }

  /** Ends the process, gently first. It may be started again, unless `forGood`. */
  async stop(forGood = true): Promise<void> {
    this.#closed ||= forGood;
    const running = this.#running;
    if (running === undefined) return;
    running.stopping = true;
    // Not awaited: the pipe of a process that hangs may be full.
    this.#post({ type: 'stop' }).catch(() => {});
    const kill = setTimeout(() => running.child.kill('SIGKILL'), this.#options.stopTimeout);
    await running.ended;
    clearTimeout(kill);
  }

  #launch(): Running {
    const { entry, launchTimeout } = this.#options;
    const child = fork(entry.path, [], {
      execArgv: entry.execArgv,
      env: childEnvironment(process.env),
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const stderr = new OutputTail(child.stderr);

    let end: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const ready = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), launchTimeout);
      const finish = (exit: EngineExit) => {
        clearTimeout(timer);
        if (this.#running?.child !== child) return;
        this.#running = undefined;
        reject(failure('engine-unavailable', exit.detail, 'Try again; if it persists, run `npm ci` anew.'));
        for (const client of this.#clients.values()) client.onExit(exit);
        end();
      };
      child.on('message', (message) => {
        // What a dead process had still in its pipe comes after its end was told.
        if (this.#running?.child !== child) return;
        const fromEngine = message as FromEngineProcess;
        if (fromEngine.type === 'client.message') {
          this.#clients.get(fromEngine.client)?.onMessage(fromEngine.message);
        } else if (!running.answered) {
          running.answered = true;
          clearTimeout(timer);
          resolve();
          for (const client of this.#clients.values()) client.onReady();
        }
      });
      child.on('error', (error) => {
        // Also raised for a message that could not be sent; only a process that never was is an end.
        if (child.pid === undefined)
          finish({ reason: 'launch-failed', detail: launchFailure(error.message) });
      });
      // 'close' rather than 'exit': by then stderr is complete.
      child.on('close', (code, signal) => {
        if (running.stopping) finish({ reason: 'stopped', detail: 'The engine process was stopped.' });
        else if (running.answered)
          finish({ reason: 'exited', code, signal, detail: exitDetail(code, signal, stderr.text) });
        else finish({ reason: 'launch-failed', detail: launchFailure(lastError(stderr.text)) });
      });
    });
    // Whoever waits on `ready` hears of the failure; nobody has to.
    ready.catch(() => {});
    const running: Running = { child, ready, ended, answered: false, stopping: false };
    for (const client of this.#clients.keys()) {
      child.send({ type: 'client.open', client } satisfies ToEngineProcess, () => {});
    }
    return running;
  }

  #post(message: ToEngineProcess): Promise<void> {
    const child = this.#running?.child;
    return new Promise((resolve, reject) => {
      if (child?.connected !== true)
        return reject(failure('engine-unavailable', 'the engine is not running'));
      // Throws on what cannot be serialised, nesting too deep for example.
      child.send(message, (error) => (error === null ? resolve() : reject(error)));
    });
  }
}
