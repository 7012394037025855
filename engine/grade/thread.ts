/** The grading thread: computer algebra and foreign patterns, where they can be ended. */
import { parentPort } from 'node:worker_threads';
import { READY } from '../limits/timed-thread';
import { judge } from './math/judge';
import { gradeByPattern } from './plain';
import type { ThreadAnswer, ThreadRequest } from './thread-messages';

function answer(request: ThreadRequest): ThreadAnswer {
  try {
    return request.kind === 'math'
      ? judge(request.gold, request.answer, request.place)
      : gradeByPattern(request.gold, request.answer, request.pattern);
  } catch (thrown) {
    return { error: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

parentPort?.on('message', (request: ThreadRequest) => parentPort?.postMessage(answer(request)));
parentPort?.postMessage(READY);
