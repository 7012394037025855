/** Looks through a vocabulary away from the main thread: a pattern that never ends then stops nothing but this. */
import { matchTokens, type Query, unpackTokens } from './match';
import { type FromMatchWorker, READY, type ToMatchWorker } from './match-messages';

let tokens: readonly string[] = [];

addEventListener('message', ({ data }: MessageEvent<ToMatchWorker>) => {
  if (data.type === 'tokens') tokens = unpackTokens(data.packed);
  const answer: FromMatchWorker =
    data.type === 'tokens' ? { id: READY, ids: new Uint32Array(), problem: null } : look(data.id, data.query);
  postMessage(answer, { transfer: [answer.ids.buffer] });
});

function look(id: number, query: Query): FromMatchWorker {
  try {
    return { id, ids: matchTokens(tokens, query), problem: null };
  } catch (thrown) {
    return { id, ids: new Uint32Array(), problem: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}
