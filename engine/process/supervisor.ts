/** The engine process's life, whatever API starts it: launched on demand, listened to, stopped or killed, replaced. */
import { failure } from '../protocol';
import { exitDetail, lastError, launchFailure } from './exit-detail';
import { Heartbeat, type HeartbeatOptions } from './heartbeat';
import type { FromEngineProcess, ToEngineProcess } from './process-messages';

/** A process as the shell's own API made it. */
export interface EngineChild {
  readonly pid: number | undefined;
  /** Resolves once the pipe has taken the message; rejects where it cannot. */
  post(message: ToEngineProcess): Promise<void>;
  /** Ends it at once: hung, stopped or deaf. */
  kill(): void;
}

export interface ChildEnd {
  readonly code: number | null;
  /** Where the system tells it. */
  readonly signal: NodeJS.Signals | null;
  /** The end of what it wrote, or why it never was. */
  readonly stderr: string;
  /** A sentence for the user, where the shell knows more than code and signal say. */
  readonly detail?: string;
}

export interface ChildListener {
  onMessage(message: FromEngineProcess): void;
  onEnd(end: ChildEnd): void;
}

/** How an engine process ended. `detail` is one sentence for the user. */
export interface EngineExit {
  readonly reason: 'stopped' | 'restarted' | 'launch-failed' | 'exited';
  readonly detail: string;
}

interface EngineWatcher {
  /** It has been launched and cannot answer yet, but takes messages. */
  onLaunch?(): void;
  /** It answers: for the first time, or again. */
  onReady(): void;
  /** It has not answered for so long, in milliseconds. It may be busy with one long piece of work. */
  onSilence(forMs: number): void;
  onExit(exit: EngineExit): void;
  /** Any other message. */
  onMessage(message: FromEngineProcess): void;
}

export interface SupervisorOptions {
  /** How long the process may take until it can answer, in milliseconds. */
  readonly launchTimeout?: number;
  /** How long it may take to leave when asked to, in milliseconds; then it is killed. */
  readonly stopTimeout?: number;
  readonly heartbeat?: HeartbeatOptions;
}

const DEFAULTS: Required<SupervisorOptions> = {
  launchTimeout: 60_000,
  stopTimeout: 3_000,
  heartbeat: { every: 1_000, silentAfter: 4_000 },
};

interface Running {
  readonly child: EngineChild;
  readonly ready: Promise<void>;
  readonly ended: Promise<void>;
  /** Why it is being ended, if it is. */
  stopping: 'stopped' | 'restarted' | null;
  /** From the first answer on. */
  heartbeat: Heartbeat | null;
  end(end: ChildEnd): void;
}

export class EngineSupervisor {
  readonly #spawn: (listener: ChildListener) => EngineChild;
  readonly #watcher: EngineWatcher;
  readonly #options: Required<SupervisorOptions>;
  #running: Running | undefined;
  #closed = false;

  constructor(
    spawn: (listener: ChildListener) => EngineChild,
    watcher: EngineWatcher,
    options: SupervisorOptions = {},
  ) {
    this.#spawn = spawn;
    this.#watcher = watcher;
    this.#options = { ...DEFAULTS, ...options };
  }

  /** The process id while there is a process. */
  get pid(): number | undefined {
    return this.#running?.child.pid;
  }

  /** Whether the process has answered and is not being ended. */
  get isReady(): boolean {
    return this.#running?.heartbeat != null && this.#running.stopping === null;
  }

  /** How long it has not answered, in milliseconds; 0 while it does. */
  get silentMs(): number {
    return this.#running?.heartbeat?.silentMs ?? 0;
  }

  /** Starts the process if there is none; resolves once it answers. Rejects with EngineError. */
  start(): Promise<void> {
    if (this.#closed) return Promise.reject(failure('engine-stopped', 'the engine has been shut down'));
    if (this.#running?.stopping != null) return this.#running.ended.then(() => this.start());
    return (this.#running ?? this.#launch()).ready;
  }

  /** Rejects where there is no process, or its pipe does not take the message. */
  post(message: ToEngineProcess): Promise<void> {
    const child = this.#running?.child;
    if (child === undefined)
      return Promise.reject(failure('engine-unavailable', 'the engine is not running'));
    return child.post(message);
  }

  /** A new process in the place of the old one, whatever that one is doing. Resolves once the new one answers. */
  async restart(): Promise<void> {
    await this.#end('restarted');
    await this.start();
  }

  /** Ends the process for good. Resolves in bounded time. */
  async stop(): Promise<void> {
    this.#closed = true;
    await this.#end('stopped');
  }

  /** Gently first, where it answers. */
  async #end(reason: 'stopped' | 'restarted'): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    running.stopping ??= reason;
    const { stopTimeout } = this.#options;
    if (this.silentMs > 0) running.child.kill();
    // Not awaited: the pipe of a process that hangs may be full.
    else running.child.post({ type: 'stop' }).catch(() => {});
    const kill = setTimeout(() => running.child.kill(), stopTimeout);
    // A process that waits for a device or a network drive outlives even that; it is left behind.
    const leave = setTimeout(
      () => running.end({ code: null, signal: 'SIGKILL', stderr: '' }),
      2 * stopTimeout,
    );
    await running.ended;
    clearTimeout(kill);
    clearTimeout(leave);
  }

  #launch(): Running {
    const { promise: ready, resolve: answered, reject: failed } = deferred();
    const { promise: ended, resolve: over } = deferred();
    // Whoever waits on `ready` hears of the failure; nobody has to.
    ready.catch(() => {});
    const child = this.#spawn({
      onMessage: (message) => this.#receive(running, message, answered),
      onEnd: (end) => running.end(end),
    });
    const launch = setTimeout(() => child.kill(), this.#options.launchTimeout);
    ready.finally(() => clearTimeout(launch)).catch(() => {});
    const running: Running = {
      child,
      ready,
      ended,
      stopping: null,
      heartbeat: null,
      end: (end) => {
        if (this.#running !== running) return;
        this.#running = undefined;
        running.heartbeat?.stop();
        const exit = describe(running, end);
        failed(failure('engine-unavailable', exit.detail, 'Try again; if it persists, run `npm ci` anew.'));
        this.#watcher.onExit(exit);
        over();
      },
    };
    this.#running = running;
    this.#watcher.onLaunch?.();
    return running;
  }

  #receive(running: Running, message: FromEngineProcess, answered: () => void): void {
    // Messages still in a dead process's pipe can arrive after its exit was reported.
    if (this.#running !== running) return;
    running.heartbeat?.hear();
    if (message.type === 'pong') return;
    if (message.type !== 'ready') {
      this.#watcher.onMessage(message);
      return;
    }
    if (running.heartbeat !== null) return;
    running.heartbeat = new Heartbeat(this.#options.heartbeat, {
      ask: () => void running.child.post({ type: 'ping' }).catch(() => {}),
      onSilence: (forMs) => this.#watcher.onSilence(forMs),
      onAnswer: () => this.#watcher.onReady(),
    });
    answered();
    this.#watcher.onReady();
  }
}

function describe({ stopping, heartbeat }: Running, { code, signal, stderr, detail }: ChildEnd): EngineExit {
  if (stopping === 'stopped') return { reason: stopping, detail: 'The engine process was stopped.' };
  if (stopping === 'restarted') return { reason: stopping, detail: 'The engine was restarted.' };
  if (heartbeat === null) return { reason: 'launch-failed', detail: launchFailure(lastError(stderr)) };
  return { reason: 'exited', detail: detail ?? exitDetail(code, signal, stderr) };
}

function deferred(): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } {
  let resolve: () => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
