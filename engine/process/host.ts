/** Serves one engine to any number of clients, whatever carries their messages. */
import type { z } from 'zod';
import type { Engine } from '../api/engine';
import type { ServerMessage } from '../protocol';
import {
  badInput,
  Cancel,
  cancelled,
  endsRun,
  METHODS,
  Request,
  type RunEvent,
  toFailure,
} from '../protocol';

/** A client's end: a MessagePort, a pipe or a socket. */
interface EnginePort {
  postMessage(message: ServerMessage): void;
  onMessage(callback: (message: unknown) => void): void;
}

/** The id of answers to messages from which no id could be read. */
export const NO_REQUEST_ID = -1;

/** Runs queue in the engine; a client that asks for more than this is in error. */
const MAX_RUNS_PER_CLIENT = 100;

export class EngineHost {
  readonly #engine: Engine;
  /** Every run that has not ended, with the client that started it. */
  readonly #runs = new Map<string, Client>();

  readonly #clients = new Set<Client>();

  constructor(engine: Engine) {
    this.#engine = engine;
    engine.watchPulls((pull) => {
      for (const client of this.#clients) client.send({ kind: 'pull', pull });
    });
    engine.watchPreparing((preparing) => {
      for (const client of this.#clients) client.send({ kind: 'preparing', preparing });
    });
    engine.watchEvaluations((event) => {
      for (const client of this.#clients) client.send({ kind: 'evaluation', event });
    });
  }

  /** Serves `port` until the returned function is called, which cancels the runs and requests that came from it. */
  attach(port: EnginePort): () => void {
    const client = new Client(port);
    this.#clients.add(client);
    port.onMessage((message) => void this.#answer(client, message));
    return () => {
      client.attached = false;
      client.cancelAll();
      this.#clients.delete(client);
      for (const [runId, owner] of this.#runs) if (owner === client) this.#engine.cancel(runId);
    };
  }

  async #answer(client: Client, message: unknown): Promise<void> {
    if (!client.attached) return;
    const cancel = Cancel.safeParse(message);
    if (cancel.success) return client.cancel(cancel.data.id);
    const id = requestId(message);
    try {
      const request = parse(Request, 'request', message);
      const result = await client.asking(request.id, (signal) => this.#call(client, request, signal));
      client.send({ kind: 'response', id: request.id, ok: true, result });
      if (request.method === 'run.start') this.#begin(client, request.params);
    } catch (thrown) {
      client.send({ kind: 'response', id, ok: false, error: toFailure(thrown) });
    }
  }

  #call(client: Client, { method, params }: Request, signal: AbortSignal): unknown {
    switch (method) {
      case 'run.start':
        return this.#admit(client, parse(METHODS[method].params, method, params).runId);
      case 'run.cancel': {
        const { runId } = parse(METHODS[method].params, method, params);
        if (this.#runs.get(runId) === client) this.#engine.cancel(runId);
        return {};
      }
      case 'lane.stop': {
        const { runId, lane } = parse(METHODS[method].params, method, params);
        if (this.#runs.get(runId) === client) this.#engine.stopLane(runId, lane);
        return {};
      }
      default:
        return this.#engine.query(method, parse(METHODS[method].params, method, params), signal);
    }
  }

  /** Reserves the run's id, so that a second start of the same id is refused even before this one begins. */
  #admit(client: Client, runId: string): Record<string, never> {
    if (this.#runs.has(runId))
      throw badInput('run-id-taken', `run ${runId} has not ended yet`, 'Use a new id.');
    const own = [...this.#runs.values()].filter((owner) => owner === client).length;
    if (own >= MAX_RUNS_PER_CLIENT) {
      throw badInput(
        'too-many-runs',
        `${own} runs are waiting already`,
        'Wait for some to end, or cancel them.',
      );
    }
    this.#runs.set(runId, client);
    return {};
  }

  /** The answer to run.start has left; the events follow. */
  #begin(client: Client, params: unknown): void {
    const { runId, config, save } = METHODS['run.start'].params.parse(params);
    let ended = false;
    const emit = (event: RunEvent) => {
      if (ended) return;
      if (endsRun(event)) {
        ended = true;
        this.#runs.delete(runId);
      }
      client.send({ kind: 'event', runId, event });
    };
    const fail = (thrown: unknown) => {
      emit({ type: 'run.failed', ...toFailure(thrown) });
    };
    try {
      this.#engine
        .run(runId, config, emit, save)
        .then(() => fail(new Error('the run stopped without saying how it ended')), fail);
      // The client may have left between its request and now.
      if (!client.attached) this.#engine.cancel(runId);
    } catch (thrown) {
      fail(thrown);
    }
  }
}

class Client {
  attached = true;
  readonly #port: EnginePort;
  /** What is being answered, by the request's id. */
  readonly #asked = new Map<number, AbortController>();

  constructor(port: EnginePort) {
    this.#port = port;
  }

  send(message: ServerMessage): void {
    if (this.attached) this.#port.postMessage(message);
  }

  /** @param work has the signal that `cancel` aborts */
  async asking<T>(id: number, work: (signal: AbortSignal) => T | Promise<T>): Promise<T> {
    const controller = new AbortController();
    this.#asked.set(id, controller);
    try {
      return await work(controller.signal);
    } finally {
      if (this.#asked.get(id) === controller) this.#asked.delete(id);
    }
  }

  cancel(id: number): void {
    this.#asked.get(id)?.abort(cancelled());
  }

  cancelAll(): void {
    for (const id of this.#asked.keys()) this.cancel(id);
  }
}

/** Checks `value` and names the first field that is wrong. */
function parse<S extends z.ZodType>(schema: S, what: string, value: unknown): z.output<S> {
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const field = issue?.path.map(String).join('.') ?? '';
  const problem = issue?.message ?? 'not valid';
  throw badInput('bad-request', `${what}: ${field === '' ? '' : `${field}: `}${problem}`);
}

function requestId(message: unknown): number {
  const id = typeof message === 'object' && message !== null && 'id' in message ? message.id : undefined;
  return typeof id === 'number' && Number.isSafeInteger(id) ? id : NO_REQUEST_ID;
}
