/** The engine process under Electron: started when a page asks, with a port of its own for each page. */
import { MessageChannelMain, type UtilityProcess, utilityProcess, type WebContents } from 'electron';
import { exitDetail, lastError, launchFailure, OutputTail } from '../engine/process/exit-detail';
import { childEnvironment, type EngineEntry } from '../engine/process/launch';
import type { FromEngineProcess, ToEngineProcess } from '../engine/process/wire';
import type { ServerMessage } from '../engine/protocol';
import { PORT_CHANNEL } from './names';

export const ENGINE_SERVICE = 'SLOT Studio engine';

/** How long the process may take to leave when asked to, in milliseconds; then it is killed. */
const STOP_TIMEOUT = 3_000;

interface Running {
  child: UtilityProcess;
  ready: boolean;
  stopping: boolean;
  ended: Promise<void>;
}

export class EngineLife {
  readonly #entry: EngineEntry;
  /** The pages that talk to the engine, and get a fresh port when it is restarted. */
  readonly #pages = new Set<WebContents>();
  #nextClient = 0;
  #running: Running | undefined;
  /** Why the system ended the process, where Electron knows. */
  #goneReason = '';

  constructor(entry: EngineEntry) {
    this.#entry = entry;
  }

  get pid(): number | undefined {
    return this.#running?.child.pid;
  }

  /** Hands `page` a port to the engine, which is started where needed. */
  connect(page: WebContents): void {
    if (!this.#pages.has(page)) {
      this.#pages.add(page);
      page.once('destroyed', () => this.#pages.delete(page));
    }
    this.#running ??= this.#launch();
    // Else the page is served with all others, once the process can answer.
    if (this.#running.ready) this.#handOver(this.#running.child, page);
  }

  /** Resolves when the old process is gone and the new one is on its way; the port arrives by itself. */
  async restart(): Promise<void> {
    await this.stop();
    this.#running ??= this.#launch();
  }

  async stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    running.stopping = true;
    running.child.postMessage({ type: 'stop' } satisfies ToEngineProcess);
    const kill = setTimeout(() => forceEnd(running.child), STOP_TIMEOUT);
    await running.ended;
    clearTimeout(kill);
  }

  /** From Electron's `child-process-gone`. */
  noteGone(details: { name?: string | undefined; reason: string }): void {
    if (details.name === ENGINE_SERVICE) this.#goneReason = details.reason;
  }

  #launch(): Running {
    this.#goneReason = '';
    const child = utilityProcess.fork(this.#entry.path, [], {
      execArgv: this.#entry.execArgv,
      env: childEnvironment(process.env),
      serviceName: ENGINE_SERVICE,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const stderr = new OutputTail(child.stderr);
    let end: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const running: Running = { child, ready: false, stopping: false, ended };
    child.on('message', (message: FromEngineProcess) => {
      if (message.type !== 'ready' || running.ready) return;
      running.ready = true;
      for (const page of this.#pages) this.#handOver(child, page);
    });
    child.once('exit', (code) => {
      if (this.#running === running) this.#running = undefined;
      end();
      if (running.stopping) return;
      const detail = running.ready
        ? this.#exitDetail(code, stderr.text)
        : launchFailure(lastError(stderr.text));
      for (const page of this.#pages) this.#reportEnd(page, detail);
    });
    return running;
  }

  #exitDetail(code: number, stderr: string): string {
    if (this.#goneReason === 'oom') return 'The engine process ran out of memory.';
    if (this.#goneReason === 'killed')
      return 'The engine process was killed: often the machine ran out of memory.';
    return exitDetail(code, null, stderr);
  }

  #handOver(child: UtilityProcess, page: WebContents): void {
    if (page.isDestroyed()) return;
    const { port1, port2 } = new MessageChannelMain();
    const open: ToEngineProcess = { type: 'client.open', client: this.#nextClient++ };
    child.postMessage(open, [port1]);
    page.postMessage(PORT_CHANNEL, null, [port2]);
  }

  /**
   * The page's port died with the process, so the news comes on a new one, which ends here. A request on it
   * asks for the engine, and is answered by a port to a new process.
   */
  #reportEnd(page: WebContents, detail: string): void {
    if (page.isDestroyed()) return;
    const { port1, port2 } = new MessageChannelMain();
    const news: ServerMessage = { kind: 'engine', state: 'exited', detail };
    port1.once('message', () => {
      port1.close();
      this.connect(page);
    });
    port1.start();
    page.postMessage(PORT_CHANNEL, null, [port2]);
    port1.postMessage(news);
  }
}

/** `kill` only asks; a process that does not hear needs the signal that cannot be ignored. */
function forceEnd(child: UtilityProcess): void {
  if (child.pid !== undefined && process.platform !== 'win32') process.kill(child.pid, 'SIGKILL');
  else child.kill();
}
