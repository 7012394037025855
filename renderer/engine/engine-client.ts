/** The one way the window talks to the engine: requests with answers and a stream of events, over any transport. */
import {
  type ClientMessage,
  cancelled,
  EngineError,
  METHODS,
  type Method,
  type Params,
  type Pull,
  type RestartRequest,
  type Result,
  type RunEvent,
  ServerMessage,
} from '../../engine/protocol';
import { assertNever } from '../ui/assert-never';

/** Carries messages and knows nothing of them. `connected` may come again after a `closed`. */
export interface MessageTransport {
  /** Throws where there is no connection. */
  send(message: ClientMessage | RestartRequest): void;
  onMessage(callback: (message: unknown) => void): Unsubscribe;
  onOpen(callback: () => void): Unsubscribe;
  onClose(callback: (reason: string) => void): Unsubscribe;
  /** Tries to connect now instead of after the back-off. */
  retry(): void;
  close(): void;
}

export type Unsubscribe = () => void;

export interface EngineState {
  /** `lost`: no connection. `exited`: the connection stands and the engine process behind it is gone. */
  readonly state: 'connecting' | 'ready' | 'exited' | 'lost';
  readonly detail: string;
  /** Since when it has not answered, by the window's own clock: busy with one long piece of work, or hung. */
  readonly silentSince: number | null;
}

export const CONNECTING: EngineState = { state: 'connecting', detail: '', silentSince: null };

export interface EngineClient {
  /**
   * Rejects with an EngineError and nothing else.
   * @param signal once aborted, rejects at once (see `cancelled`) and tells the engine, which may be deaf for a while
   */
  request<M extends Method>(method: M, params: Params<M>, signal?: AbortSignal): Promise<Result<M>>;
  onEvent(callback: (runId: string, event: RunEvent) => void): Unsubscribe;
  /** A download's progress, whoever started it. */
  onPull(callback: (pull: Pull) => void): Unsubscribe;
  /** Calls back at once with the present state. */
  onEngineState(callback: (state: EngineState) => void): Unsubscribe;
  /** Messages that break the contract: told, then dropped. */
  onBrokenMessage(callback: (problem: string) => void): Unsubscribe;
  retry(): void;
  close(): void;
}

interface Pending {
  readonly method: Method;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: EngineError) => void;
}

export function createEngineClient(
  transport: MessageTransport,
  now: () => number = () => performance.now(),
): EngineClient {
  const pending = new Map<number, Pending>();
  const events = new Set<(runId: string, event: RunEvent) => void>();
  const pulls = new Set<(pull: Pull) => void>();
  const states = new Set<(state: EngineState) => void>();
  const broken = new Set<(problem: string) => void>();
  let current = CONNECTING;
  let lastId = 0;

  function changeState(next: EngineState): void {
    current = next;
    for (const callback of states) callback(next);
  }

  function rejectAll(error: EngineError): void {
    const waiting = [...pending.values()];
    pending.clear();
    for (const { reject } of waiting) reject(error);
  }

  function cancel(id: number): void {
    const request = pending.get(id);
    if (!request) return;
    pending.delete(id);
    request.reject(cancelled());
    try {
      transport.send({ kind: 'cancel', id });
    } catch {
      // A client that is gone has all its requests cancelled.
    }
  }

  function reportBroken(problem: string): void {
    for (const callback of broken) callback(problem);
  }

  function receive(raw: unknown): void {
    const parsed = ServerMessage.safeParse(raw);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      reportBroken(`${issue?.path.join('.') || 'message'}: ${issue?.message ?? 'not understood'}`);
      return;
    }
    const message = parsed.data;
    switch (message.kind) {
      case 'event':
        for (const callback of events) callback(message.runId, message.event);
        return;
      case 'pull':
        for (const callback of pulls) callback(message.pull);
        return;
      case 'engine':
        if (message.state === 'silent') {
          changeState({ ...current, silentSince: now() - message.forMs });
          return;
        }
        if (message.state === 'exited') rejectAll(engineExited(message.detail));
        changeState({ state: message.state, detail: message.detail, silentSince: null });
        return;
      case 'response': {
        const request = pending.get(message.id);
        if (!request) return;
        pending.delete(message.id);
        if (!message.ok) {
          const { kind, code, message: text, hint } = message.error;
          request.reject(new EngineError(kind, code, text, hint));
          return;
        }
        const result = METHODS[request.method].result.safeParse(message.result);
        if (result.success) request.resolve(result.data);
        else request.reject(badAnswer(request.method));
        return;
      }
      default:
        assertNever(message);
    }
  }

  const unsubscribes = [
    transport.onMessage(receive),
    transport.onOpen(() => changeState({ state: 'ready', detail: '', silentSince: null })),
    transport.onClose((reason) => {
      rejectAll(connectionLost());
      changeState({ state: 'lost', detail: reason, silentSince: null });
    }),
  ];

  return {
    request<M extends Method>(method: M, params: Params<M>, signal?: AbortSignal): Promise<Result<M>> {
      const id = ++lastId;
      const answered = new Promise<unknown>((resolve, reject) => {
        if (signal?.aborted) return reject(cancelled());
        pending.set(id, { method, resolve, reject });
        try {
          transport.send({ kind: 'request', id, method, params });
        } catch {
          pending.delete(id);
          reject(connectionLost());
        }
      });
      const stop = () => cancel(id);
      signal?.addEventListener('abort', stop);
      // `receive` has checked the result against this method's own schema.
      return answered.finally(() => signal?.removeEventListener('abort', stop)) as Promise<Result<M>>;
    },
    onEvent: (callback) => subscribe(events, callback),
    onPull: (callback) => subscribe(pulls, callback),
    onEngineState(callback) {
      callback(current);
      return subscribe(states, callback);
    },
    onBrokenMessage: (callback) => subscribe(broken, callback),
    retry: () => transport.retry(),
    close() {
      for (const unsubscribe of unsubscribes) unsubscribe();
      rejectAll(connectionLost());
      transport.close();
    },
  };
}

export function subscribe<T>(callbacks: Set<T>, callback: T): Unsubscribe {
  callbacks.add(callback);
  return () => callbacks.delete(callback);
}

function engineExited(detail: string): EngineError {
  return new EngineError(
    'failure',
    'engine-exited',
    detail === '' ? 'The engine stopped.' : detail,
    'Restart the engine and run again.',
  );
}

function connectionLost(): EngineError {
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
