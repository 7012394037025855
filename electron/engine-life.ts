/** The engine process under Electron: started when a page asks, with a port of its own for each page. */
import { MessageChannelMain, type UtilityProcess, utilityProcess, type WebContents } from 'electron';
import { OutputTail } from '../engine/process/exit-detail';
import { childEnvironment, type EngineEntry } from '../engine/process/launch';
import type { FromEngineProcess, ToEngineProcess } from '../engine/process/process-messages';
import {
  type ChildListener,
  type EngineChild,
  EngineSupervisor,
  type SupervisorOptions,
} from '../engine/process/supervisor';
import type { ServerMessage } from '../engine/protocol';
import { NEWS_CHANNEL, PORT_CHANNEL } from './names';

const ENGINE_SERVICE = 'SLOT Studio engine';

export class EngineLife {
  readonly #entry: EngineEntry;
  readonly #life: EngineSupervisor;
  /** The pages that talk to the engine, and get a fresh port when it is restarted. */
  readonly #pages = new Set<WebContents>();
  /** Those with a port to the present process. */
  readonly #served = new Set<WebContents>();
  #nextClient = 0;
  #child: UtilityProcess | undefined;
  /** Why the system ended the process, where Electron knows. */
  #goneReason = '';

  /** @param serverKeys that each new process is given */
  constructor(
    entry: EngineEntry,
    serverKeys: () => readonly [address: string, key: string][] = () => [],
    options: SupervisorOptions = {},
  ) {
    this.#entry = entry;
    this.#life = new EngineSupervisor(
      (listener) => this.#spawn(listener),
      {
        onLaunch: () => this.#served.clear(),
        onReady: () => {
          for (const [address, key] of serverKeys())
            this.#child?.postMessage({ type: 'server.key', address, key } satisfies ToEngineProcess);
          for (const page of this.#pages) {
            if (this.#served.has(page)) tell(page, { kind: 'engine', state: 'ready', detail: '' });
            else this.#handOver(page);
          }
        },
        onSilence: (forMs) => this.#tellAll({ kind: 'engine', state: 'silent', forMs }),
        onExit: ({ detail }) => this.#tellAll({ kind: 'engine', state: 'exited', detail }),
        onMessage: () => {},
      },
      options,
    );
  }

  get pid(): number | undefined {
    return this.#life.pid;
  }

  /** Hands `page` a port to the engine, which is started where needed. */
  connect(page: WebContents): void {
    if (!this.#pages.has(page)) {
      this.#pages.add(page);
      page.once('destroyed', () => this.#pages.delete(page));
    }
    // Else the page is served with all others, once the process can answer; if it cannot, they are told.
    if (!this.#life.isReady) return void this.#life.start().catch(() => {});
    this.#handOver(page);
    const forMs = this.#life.silentMs;
    if (forMs > 0) tell(page, { kind: 'engine', state: 'silent', forMs });
  }

  /** Resolves once a new process answers; the pages' ports arrive by themselves. */
  restart(): Promise<void> {
    return this.#life.restart();
  }

  stop(): Promise<void> {
    return this.#life.stop();
  }

  /** From Electron's `child-process-gone`. */
  noteGone(details: { name?: string | undefined; reason: string }): void {
    if (details.name === ENGINE_SERVICE) this.#goneReason = details.reason;
  }

  #spawn(listener: ChildListener): EngineChild {
    this.#goneReason = '';
    const child = utilityProcess.fork(this.#entry.path, [], {
      execArgv: this.#entry.execArgv,
      env: childEnvironment(process.env),
      serviceName: ENGINE_SERVICE,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    const stderr = new OutputTail(child.stderr);
    child.on('message', (message: FromEngineProcess) => listener.onMessage(message));
    child.once('exit', (code) => {
      const detail = GONE[this.#goneReason];
      listener.onEnd({ code, signal: null, stderr: stderr.text, ...(detail !== undefined && { detail }) });
    });
    return {
      get pid() {
        return child.pid;
      },
      post: async (message) => child.postMessage(message),
      kill: () => forceEnd(child),
    };
  }

  #handOver(page: WebContents): void {
    if (page.isDestroyed()) return;
    this.#served.add(page);
    const { port1, port2 } = new MessageChannelMain();
    const open: ToEngineProcess = { type: 'client.open', client: this.#nextClient++ };
    this.#child?.postMessage(open, [port1]);
    page.postMessage(PORT_CHANNEL, null, [port2]);
  }

  #tellAll(news: ServerMessage): void {
    for (const page of this.#pages) tell(page, news);
  }
}

const GONE: Readonly<Record<string, string>> = {
  oom: 'The engine process ran out of memory.',
  killed: 'The engine process was killed: often the machine ran out of memory.',
};

function tell(page: WebContents, news: ServerMessage): void {
  if (!page.isDestroyed()) page.postMessage(NEWS_CHANNEL, news);
}

/** `kill` sends SIGTERM, which a hung process does not act on; SIGKILL cannot be ignored. */
function forceEnd(child: UtilityProcess): void {
  if (child.pid === undefined) return;
  if (process.platform === 'win32') return void child.kill();
  try {
    process.kill(child.pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile; its 'exit' is on the way.
  }
}
