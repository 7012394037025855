/** Asks the engine behind a running server directly, so that what the window shows can be held against its answers. */
import { WebSocket } from 'ws';
import {
  decodeJson,
  encodeJson,
  METHODS,
  type Method,
  type Params,
  type Result,
} from '../../engine/protocol';

/** @param url the server's own address, token included */
export async function askEngine<M extends Method>(
  url: string,
  method: M,
  params: Params<M>,
): Promise<Result<M>> {
  const page = new URL(url);
  const socket = new WebSocket(`ws://${page.host}/engine${page.search}`);
  try {
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    const answer = new Promise<unknown>((resolve, reject) => {
      socket.on('message', (data) => {
        const message = decodeJson(data.toString()) as { kind: string; ok?: boolean; result?: unknown };
        if (message.kind !== 'response') return;
        if (message.ok) resolve(message.result);
        else reject(new Error(JSON.stringify(message)));
      });
    });
    socket.send(encodeJson({ kind: 'request', id: 1, method, params }));
    // The method's own schema has checked it.
    return METHODS[method].result.parse(await answer) as Result<M>;
  } finally {
    socket.close();
  }
}
