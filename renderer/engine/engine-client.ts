/** The one way the window talks to the engine: requests with answers and a stream of events, over any transport. */
import {
  type ClientMessage,
  EngineError,
  type EvaluationEvent,
  type Method,
  type Params,
  type Pull,
  type RestartRequest,
  type Result,
  type RunEvent,
  ServerMessage,
} from '../../engine/protocol';
import { assertNever } from '../ui/assert-never';
import { connectionLost, PendingRequests } from './pending-requests';

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
  /** What evaluations do, whoever started them. */
  onEvaluation(callback: (event: EvaluationEvent) => void): Unsubscribe;
  /** Calls back at once with the present state. */
  onEngineState(callback: (state: EngineState) => void): Unsubscribe;
  /** Messages that break the contract: told, then dropped. */
  onBrokenMessage(callback: (problem: string) => void): Unsubscribe;
  retry(): void;
  close(): void;
}

export function createEngineClient(
  transport: MessageTransport,
  now: () => number = () => performance.now(),
): EngineClient {
  const requests = new PendingRequests(transport);
  const events = new Set<(runId: string, event: RunEvent) => void>();
  const pulls = new Set<(pull: Pull) => void>();
  const evaluations = new Set<(event: EvaluationEvent) => void>();
  const states = new Set<(state: EngineState) => void>();
  const broken = new Set<(problem: string) => void>();
  let current = CONNECTING;

  function changeState(next: EngineState): void {
    current = next;
    for (const callback of states) callback(next);
  }

  function receive(raw: unknown): void {
    const parsed = ServerMessage.safeParse(raw);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      const problem = `${issue?.path.join('.') || 'message'}: ${issue?.message ?? 'not understood'}`;
      for (const callback of broken) callback(problem);
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
      case 'evaluation':
        for (const callback of evaluations) callback(message.event);
        return;
      case 'engine':
        if (message.state === 'exited') requests.rejectAll(engineExited(message.detail));
        changeState(stateAfter(message, current, now()));
        return;
      case 'response':
        requests.settle(message);
        return;
      default:
        assertNever(message);
    }
  }

  const unsubscribes = [
    transport.onMessage(receive),
    transport.onOpen(() => changeState({ state: 'ready', detail: '', silentSince: null })),
    transport.onClose((reason) => {
      requests.rejectAll(connectionLost());
      changeState({ state: 'lost', detail: reason, silentSince: null });
    }),
  ];

  return {
    request: (method, params, signal) => requests.ask(method, params, signal),
    onEvent: (callback) => subscribe(events, callback),
    onPull: (callback) => subscribe(pulls, callback),
    onEvaluation: (callback) => subscribe(evaluations, callback),
    onEngineState(callback) {
      callback(current);
      return subscribe(states, callback);
    },
    onBrokenMessage: (callback) => subscribe(broken, callback),
    retry: () => transport.retry(),
    close() {
      for (const unsubscribe of unsubscribes) unsubscribe();
      requests.rejectAll(connectionLost());
      transport.close();
    },
  };
}

function stateAfter(
  message: Extract<ServerMessage, { kind: 'engine' }>,
  before: EngineState,
  now: number,
): EngineState {
  if (message.state === 'silent') return { ...before, silentSince: now - message.forMs };
  return { state: message.state, detail: message.detail, silentSince: null };
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
