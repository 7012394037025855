/** The one way the window talks to the engine: requests with answers and a stream of events, over any transport. */
import type { ZodError } from 'zod';
import {
  type ClientMessage,
  EngineError,
  type EvaluationEvent,
  type Method,
  type Params,
  type Preparing,
  type Pull,
  type RestartRequest,
  type Result,
  type RunEvent,
  ServerMessage,
} from '../../engine/protocol';
import { assertNever } from '../ui/assert-never';
import { Listeners, type Unsubscribe } from './listeners';
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
  /** How far the weights of a model are that is being opened, by whomever; null: that is over. */
  onPreparing(callback: (preparing: Preparing | null) => void): Unsubscribe;
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
  const events = new Listeners<[runId: string, event: RunEvent]>();
  const pulls = new Listeners<[pull: Pull]>();
  const preparing = new Listeners<[preparing: Preparing | null]>();
  const evaluations = new Listeners<[event: EvaluationEvent]>();
  const states = new EngineStates();
  const broken = new Listeners<[problem: string]>();

  function receive(raw: unknown) {
    const { success, data: message, error } = ServerMessage.safeParse(raw);
    if (!success) return broken.tell(describeBreach(error));
    switch (message.kind) {
      case 'event':
        return events.tell(message.runId, message.event);
      case 'pull':
        return pulls.tell(message.pull);
      case 'preparing':
        return preparing.tell(message.preparing);
      case 'evaluation':
        return evaluations.tell(message.event);
      case 'engine':
        if (message.state === 'exited') requests.rejectAll(engineExited(message.detail));
        return states.change(stateAfter(message, states.current, now()));
      case 'response':
        return requests.settle(message);
      default:
        return assertNever(message);
    }
  }

  const unsubscribes = [
    transport.onMessage(receive),
    transport.onOpen(() => states.change({ state: 'ready', detail: '', silentSince: null })),
    transport.onClose((reason) => {
      requests.rejectAll(connectionLost());
      states.change({ state: 'lost', detail: reason, silentSince: null });
    }),
  ];

  return {
    request: (method, params, signal) => requests.ask(method, params, signal),
    onEvent: events.add,
    onPull: pulls.add,
    onPreparing: preparing.add,
    onEvaluation: evaluations.add,
    onEngineState: (callback) => states.add(callback),
    onBrokenMessage: broken.add,
    retry: () => transport.retry(),
    close() {
      for (const unsubscribe of unsubscribes) unsubscribe();
      requests.rejectAll(connectionLost());
      transport.close();
    },
  };
}

class EngineStates {
  readonly #listeners = new Listeners<[state: EngineState]>();
  #current = CONNECTING;

  get current(): EngineState {
    return this.#current;
  }

  change(next: EngineState): void {
    this.#current = next;
    this.#listeners.tell(next);
  }

  add(callback: (state: EngineState) => void): Unsubscribe {
    callback(this.#current);
    return this.#listeners.add(callback);
  }
}

function stateAfter(
  message: Extract<ServerMessage, { kind: 'engine' }>,
  before: EngineState,
  now: number,
): EngineState {
  if (message.state === 'silent') return { ...before, silentSince: now - message.forMs };
  return { state: message.state, detail: message.detail, silentSince: null };
}

function describeBreach({ issues: [issue] }: ZodError): string {
  return `${issue?.path.join('.') || 'message'}: ${issue?.message ?? 'not understood'}`;
}

function engineExited(detail: string): EngineError {
  return new EngineError(
    'failure',
    'engine-exited',
    detail === '' ? 'The engine stopped.' : detail,
    'Restart the engine and run again.',
  );
}
