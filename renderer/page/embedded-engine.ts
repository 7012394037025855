/** Answers the window's requests from what a page carries: everything else needs the app. */
import {
  badInput,
  type ClientMessage,
  METHODS,
  type Method,
  type ParsedParams,
  type Request,
  type RestartRequest,
  type Result,
  toFailure,
} from '../../engine/protocol';
import type { MessageTransport } from '../engine/engine-client';
import { Listeners } from '../engine/listeners';

/** Each answers one method of the engine's. */
export type Answers = { readonly [M in Method]?: (params: ParsedParams<M>) => Result<M> };

export function embeddedEngine(answers: Answers): MessageTransport {
  const messages = new Listeners<[message: unknown]>();

  const answer = ({ id, method, params }: Request) => {
    try {
      const own = answers[method] as ((params: unknown) => unknown) | undefined;
      if (!own) throw notEmbedded();
      messages.tell({ kind: 'response', id, ok: true, result: own(METHODS[method].params.parse(params)) });
    } catch (thrown) {
      messages.tell({ kind: 'response', id, ok: false, error: toFailure(thrown) });
    }
  };
  return {
    send(message: ClientMessage | RestartRequest) {
      // As any engine answers: never before the asking is over.
      if (message.kind === 'request') setTimeout(() => answer(message), 0);
    },
    onMessage: messages.add,
    onOpen(callback) {
      callback();
      return () => {};
    },
    onClose: () => () => {},
    retry() {},
    close() {},
  };
}

export function notEmbedded() {
  return badInput(
    'not-embedded',
    'this page does not hold that',
    'Export its events, import them in SLOT Studio and look there.',
  );
}
