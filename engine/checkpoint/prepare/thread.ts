/** The thread that prepares weights: what keeps a processor busy is not the engine's to wait for. */
import { parentPort } from 'node:worker_threads';
import { toFailure } from '../../protocol';
import { perform } from './convert';
import type { ThreadAnswer, ThreadRequest } from './thread-messages';

function answer(request: ThreadRequest): ThreadAnswer {
  try {
    return { checksum: perform(request) };
  } catch (thrown) {
    return { failure: toFailure(thrown) };
  }
}

parentPort?.on('message', (request: ThreadRequest) => parentPort?.postMessage(answer(request)));
