/** The parent's handle on a forked engine process: numbered clients over one pipe, which outlive the process. */
import type { ServerMessage } from '../protocol';
import { forkEngine } from './forked-child';
import { type EngineEntry, engineEntry } from './launch';
import { type EngineExit, EngineSupervisor, type SupervisorOptions } from './supervisor';

export interface EngineProcessOptions extends SupervisorOptions {
  /** What to run. Default: the engine. */
  entry?: EngineEntry;
}

/** Someone who talks to the engine through this process; outlives the process, which may be restarted. */
export interface EngineClient {
  onMessage(message: ServerMessage): void;
  onReady(): void;
  onSilence(forMs: number): void;
  onExit(exit: EngineExit): void;
}

export class EngineProcess {
  readonly #clients = new Map<number, EngineClient>();
  readonly #life: EngineSupervisor;
  #nextClient = 0;

  constructor({ entry = engineEntry(), ...options }: EngineProcessOptions = {}) {
    const each = (tell: (client: EngineClient) => void) => {
      for (const client of this.#clients.values()) tell(client);
    };
    this.#life = new EngineSupervisor(
      (listener) => forkEngine(entry, listener),
      {
        onLaunch: () => {
          for (const client of this.#clients.keys()) this.#open(client);
        },
        onReady: () => each((client) => client.onReady()),
        onSilence: (forMs) => each((client) => client.onSilence(forMs)),
        onExit: (exit) => each((client) => client.onExit(exit)),
        onMessage: (message) => {
          if (message.type === 'client.message')
            this.#clients.get(message.client)?.onMessage(message.message);
        },
      },
      options,
    );
  }

  /** The process id while there is a process. */
  get pid(): number | undefined {
    return this.#life.pid;
  }

  /** Starts the process if there is none; resolves once it answers. Rejects with EngineError. */
  start(): Promise<void> {
    return this.#life.start();
  }

  /** Registers a client and returns its number. How the process stands is told even where it stands already. */
  attach(client: EngineClient): number {
    const id = this.#nextClient++;
    this.#clients.set(id, client);
    if (this.#life.pid === undefined) return id;
    this.#open(id);
    if (this.#life.isReady) {
      queueMicrotask(() => {
        client.onReady();
        if (this.#life.silentMs > 0) client.onSilence(this.#life.silentMs);
      });
    }
    return id;
  }

  detach(client: number): void {
    if (this.#clients.delete(client)) this.#life.post({ type: 'client.close', client }).catch(() => {});
  }

  /** Sends a client's message; starts the process where needed. Resolves once the pipe has taken the message. */
  async send(client: number, message: unknown): Promise<void> {
    await this.#life.start();
    await this.#life.post({ type: 'client.message', client, message });
  }

  /** A new process in the place of the old one, for all clients. */
  restart(): Promise<void> {
    return this.#life.restart();
  }

  /** Ends the process for good, gently first. */
  stop(): Promise<void> {
    return this.#life.stop();
  }

  #open(client: number): void {
    this.#life.post({ type: 'client.open', client }).catch(() => {});
  }
}
