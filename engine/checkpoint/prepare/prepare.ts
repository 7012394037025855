/** Weights made once into blocks that onnxruntime multiplies, kept in the app's own folder. */
import { setTimeout } from 'node:timers/promises';
import { failure } from '../../protocol';
import type { BlockMatrix, Checkpoint } from '../checkpoint';
import { keyOf, sourceFiles } from './identity';
import { layOut } from './layout';
import { PrepareJob } from './prepare-job';
import { PreparedFolder } from './prepared-folder';
import type { Progress } from './progress';
import type { Scheme } from './scheme';

/** Milliseconds between two looks at what another process makes. */
const LOOK = 200;
/** What was made may be deleted by another process before it is opened; not time and again. */
const TRIES = 3;

export interface PrepareOptions {
  /** See `preparedFolder`. */
  readonly folder: string;
  /** Of the model, for the list. */
  readonly name: string;
  readonly onProgress: (progress: Progress) => void;
  /** Stops at once, and leaves nothing. */
  readonly signal: AbortSignal;
}

export interface Prepared {
  readonly key: string;
  /** By transformers' name; tensors that are not here are read where they are stored. */
  readonly tensors: ReadonlyMap<string, BlockMatrix>;
  /** Until then it cannot be deleted. */
  release(): void;
}

/**
 * What is there already, checked if anything has touched it; else made now, in threads, with memory for a few rows.
 * @throws EngineError `scheme`, `disk-full`, `store`, `weights-not-finite`, `truncated-file`, `model-changed`; the
 * signal's reason
 */
export async function prepare(
  checkpoint: Checkpoint,
  scheme: Scheme,
  { folder: path, name, onProgress, signal }: PrepareOptions,
): Promise<Prepared> {
  signal.throwIfAborted();
  const folder = new PreparedFolder(path);
  const sources = sourceFiles(checkpoint);
  const key = keyOf(checkpoint, sources, scheme);
  const layout = layOut(checkpoint, scheme, folder.weights(key));
  const job = new PrepareJob(folder, layout, { key, name, scheme, sources }, onProgress, signal);
  for (let times = 0; times < TRIES; ) {
    const release = await job.find();
    if (release) return { key, tensors: layout.tensors, release };
    if (await job.make()) times++;
    else {
      onProgress({ phase: 'waiting', done: 0, total: layout.bytes, secondsLeft: null });
      await setTimeout(LOOK, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
  throw failure(
    'store',
    `what is written to ${path} does not stay`,
    'Set SLOT_STUDIO_CACHE to another disk.',
  );
}

export interface Outlook {
  /** Of the prepared file. */
  readonly bytes: number;
  /** About how long it takes; 0 where it is there. */
  readonly seconds: number;
}

/** Weights a second, with two threads, on a processor of 2020: for a guess before anything is measured. */
const RATE = 1.5e8;

/**
 * What preparing will take.
 * @throws EngineError `scheme`; the system's own errors
 */
export function outlook(checkpoint: Checkpoint, scheme: Scheme, path: string): Outlook {
  const folder = new PreparedFolder(path);
  const key = keyOf(checkpoint, sourceFiles(checkpoint), scheme);
  const { bytes, weights } = layOut(checkpoint, scheme, folder.weights(key));
  return { bytes, seconds: folder.index(key) ? 0 : weights / RATE };
}
