/** Pieces of work, shared by two threads; so few that a thread would start for longer are done here. */
import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { startWorker } from '../../limits/start-worker';
import { failure, fromFailure } from '../../protocol';
import { perform } from './convert';
import type { Chunk } from './layout';
import { ThreadAnswer, type ThreadRequest } from './thread-messages';

/** More bring little: they wait for memory and the disk. */
const THREADS = 2;
/** Chunks lie outside of the heap. */
const MAX_HEAP_MIB = 256;
/** Stored bytes that take a few milliseconds. */
const LITTLE = 2 ** 20;

const module = { source: new URL('./thread.ts', import.meta.url), bundled: 'prepare-thread.js' };

interface Work {
  readonly kind: ThreadRequest['kind'];
  readonly chunks: readonly Chunk[];
  /** The file of prepared weights. */
  readonly file: string;
}

/**
 * @param onChunk told of each once it is done
 * @param signal ends the threads in the midst of their work
 * @returns the chunks' checksums, once the threads are gone
 * @throws the signal's reason; what a piece of work throws
 */
export async function work(
  { kind, chunks, file }: Work,
  onChunk: (chunk: Chunk) => void,
  signal: AbortSignal,
): Promise<number[]> {
  const checksums: number[] = [];
  const queue = chunks.entries();
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const drain = async (ask: (request: ThreadRequest) => number | Promise<number>) => {
    for (const [i, chunk] of queue) {
      either.throwIfAborted();
      checksums[i] = await ask({ kind, chunk, file });
      onChunk(chunk);
    }
  };
  const inThread = async () => {
    const worker = startWorker(module, MAX_HEAP_MIB);
    // What is asked of it tells.
    worker.on('error', () => {});
    try {
      await drain((request) => ask(worker, request, either));
    } catch (thrown) {
      stop.abort(thrown);
    } finally {
      await worker.terminate();
    }
  };
  if (chunks.reduce((sum, { source }) => sum + source.length, 0) <= LITTLE) await drain(perform);
  else {
    const count = Math.min(THREADS, availableParallelism(), chunks.length);
    await Promise.all(Array.from({ length: count }, inThread));
  }
  either.throwIfAborted();
  return checksums;
}

function ask(worker: Worker, request: ThreadRequest, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      signal.removeEventListener('abort', onAbort);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      act();
    };
    const onMessage = (message: unknown) =>
      settle(() => {
        const answer = ThreadAnswer.parse(message);
        if ('failure' in answer) reject(fromFailure(answer.failure));
        else resolve(answer.checksum);
      });
    const onAbort = () => settle(() => reject(signal.reason));
    const onError = (error: Error) => settle(() => reject(died(error.message)));
    const onExit = () => settle(() => reject(died('it ended')));
    signal.addEventListener('abort', onAbort, { once: true });
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.postMessage(request);
  });
}

function died(why: string): Error {
  return failure('prepare-thread', `a thread that prepares weights died: ${why}`, 'Open the model again.');
}
