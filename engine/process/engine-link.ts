/** One client's link to the engine process: when the process dies, requests in flight are answered here. */
import {
  Cancel,
  endsRun,
  failure,
  Request,
  RestartRequest,
  type ServerMessage,
  toEngineError,
} from '../protocol';
import type { EngineProcess } from './engine-process';
import { NO_REQUEST_ID } from './host';
import type { EngineExit } from './supervisor';

const RESTARTED_HINT = 'Run again.';
const EXITED_HINT =
  'Run again: the engine restarts by itself. If memory ran out, close other programs or use a smaller model.';

export class EngineLink {
  readonly #engine: EngineProcess;
  readonly #deliver: (message: ServerMessage) => void;
  readonly #client: number;
  /** Requests without an answer; the run's id for run.start, else null. */
  readonly #pending = new Map<number, string | null>();
  readonly #runs = new Set<string>();

  constructor(engine: EngineProcess, deliver: (message: ServerMessage) => void) {
    this.#engine = engine;
    this.#deliver = deliver;
    this.#client = engine.attach({
      onMessage: (message) => this.#receive(message),
      onReady: () => deliver({ kind: 'engine', state: 'ready', detail: '' }),
      onSilence: (forMs) => deliver({ kind: 'engine', state: 'silent', forMs }),
      onExit: (exit) => this.#fail(exit),
    });
  }

  /** Passes a client's message on. Never rejects: what goes wrong is the answer. */
  async send(message: unknown): Promise<void> {
    // How it goes is told to every client as it happens.
    if (RestartRequest.safeParse(message).success) return this.#engine.restart().catch(() => {});
    const cancel = Cancel.safeParse(message);
    // No process is started to hear that nobody waits for the one before.
    if (cancel.success && !this.#pending.has(cancel.data.id)) return;
    const request = Request.safeParse(message);
    const id = request.success ? request.data.id : NO_REQUEST_ID;
    if (request.success) this.#pending.set(id, startedRun(request.data));
    try {
      await this.#engine.send(this.#client, message);
    } catch (thrown) {
      // The process may have died while the message was on its way; then #fail has answered already.
      if (request.success && !this.#pending.delete(id)) return;
      const error =
        thrown instanceof RangeError ? failure('bad-request', 'the message is nested too deep') : thrown;
      this.#refuse(id, error);
    }
  }

  /** The client has left: its runs are cancelled. */
  close(): void {
    this.#engine.detach(this.#client);
  }

  #receive(message: ServerMessage): void {
    if (message.kind === 'response') {
      const run = this.#pending.get(message.id);
      this.#pending.delete(message.id);
      if (message.ok && typeof run === 'string') this.#runs.add(run);
    } else if (message.kind === 'event') {
      // Late events of a process that has died: their run has been failed.
      if (!this.#runs.has(message.runId)) return;
      if (endsRun(message.event)) this.#runs.delete(message.runId);
    }
    this.#deliver(message);
  }

  #fail(exit: EngineExit): void {
    this.#deliver({ kind: 'engine', state: 'exited', detail: exit.detail });
    const pending = [...this.#pending.keys()];
    const runs = [...this.#runs];
    this.#pending.clear();
    this.#runs.clear();
    const hint = exit.reason === 'restarted' ? RESTARTED_HINT : EXITED_HINT;
    for (const id of pending) this.#refuse(id, failure('engine-exited', exit.detail, hint));
    for (const runId of runs) {
      const failed = { kind: 'failure', code: 'engine-exited', message: exit.detail, hint } as const;
      this.#deliver({ kind: 'event', runId, event: { type: 'run.failed', ...failed } });
    }
  }

  #refuse(id: number, thrown: unknown): void {
    const { kind, code, message, hint } = toEngineError(thrown);
    this.#deliver({ kind: 'response', id, ok: false, error: { kind, code, message, hint } });
  }
}

function startedRun({ method, params }: Request): string | null {
  if (method !== 'run.start' || typeof params !== 'object' || params === null || !('runId' in params))
    return null;
  return typeof params.runId === 'string' ? params.runId : null;
}
