/** Requests to the engine that wait for their answers. */
import {
  type ClientMessage,
  cancelled,
  EngineError,
  METHODS,
  type Method,
  type Params,
  type Result,
  type ServerMessage,
} from '../../engine/protocol';

interface Pending {
  readonly method: Method;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: EngineError) => void;
}

export class PendingRequests {
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  /** @param transport throws where there is no connection */
  constructor(private readonly transport: { send(message: ClientMessage): void }) {}

  /** @param signal once aborted, rejects at once and tells the engine */
  ask<M extends Method>(method: M, params: Params<M>, signal?: AbortSignal): Promise<Result<M>> {
    this.#lastId += 1;
    const id = this.#lastId;
    const answered = new Promise<unknown>((resolve, reject) => {
      if (signal?.aborted) return reject(cancelled());
      this.#pending.set(id, { method, resolve, reject });
      try {
        this.transport.send({ kind: 'request', id, method, params });
      } catch {
        this.#pending.delete(id);
        reject(connectionLost());
      }
    });
    const stop = () => this.#cancel(id);
    signal?.addEventListener('abort', stop);
    // `settle` has checked the result against this method's own schema.
    return answered.finally(() => signal?.removeEventListener('abort', stop)) as Promise<Result<M>>;
  }

  /** Does nothing where nobody waits for the answer. */
  settle(response: Extract<ServerMessage, { kind: 'response' }>): void {
    const request = this.#take(response.id);
    if (!request) return;
    if (!response.ok) {
      const { kind, code, message, hint } = response.error;
      request.reject(new EngineError(kind, code, message, hint));
      return;
    }
    const result = METHODS[request.method].result.safeParse(response.result);
    if (result.success) request.resolve(result.data);
    else request.reject(badAnswer(request.method));
  }

  rejectAll(error: EngineError): void {
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of waiting) reject(error);
  }

  #take(id: number): Pending | undefined {
    const request = this.#pending.get(id);
    this.#pending.delete(id);
    return request;
  }

  #cancel(id: number): void {
    const request = this.#take(id);
    if (!request) return;
    request.reject(cancelled());
    try {
      this.transport.send({ kind: 'cancel', id });
    } catch {
      // A client that is gone has all its requests cancelled.
    }
  }
}

export function connectionLost(): EngineError {
  return new EngineError(
    'failure',
    'connection-lost',
    'There is no connection to the engine.',
    'Wait for the window to reconnect, or start SLOT Studio again.',
  );
}

function badAnswer(method: Method): EngineError {
  return new EngineError(
    'failure',
    'bad-answer',
    `The engine's answer to ${method} is not of the form this window knows.`,
    'Make sure that the window and the engine are of the same version, and reload.',
  );
}
