/** Weights made once into blocks that onnxruntime multiplies, kept in the app's own folder. */
import { setTimeout } from 'node:timers/promises';
import { failure } from '../../protocol';
import type { BlockMatrix, Checkpoint, StoredTensor } from '../checkpoint';
import { isCurrent, keyOf, sourceFiles } from './identity';
import { layOut } from './layout';
import { PrepareJob } from './prepare-job';
import { PreparedFolder } from './prepared-folder';
import type { Loss } from './prepared-index';
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
  /** What it loses, once that is measured. */
  loss(): Loss | undefined;
  keepLoss(loss: Loss): void;
  /** Whether what it was made of is as it was. */
  isCurrent(): boolean;
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
    if (release) {
      const { tensors } = layout;
      const loss = () => folder.loss(key);
      const keepLoss = (measured: Loss) => folder.keepLoss(key, measured);
      return { key, tensors, loss, keepLoss, isCurrent: () => isCurrent(sources), release };
    }
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
  /** As they will be. */
  readonly tensors: ReadonlyMap<string, BlockMatrix>;
  /** The file that they will lie in. */
  readonly planned: { readonly path: string; readonly bytes: number };
  /** How many weights are converted. */
  readonly weights: number;
}

/**
 * What preparing will make.
 * @throws EngineError `scheme`
 */
export function outlook(checkpoint: Checkpoint, scheme: Scheme): Outlook {
  const [{ file }] = [...checkpoint.tensors.values()] as [StoredTensor];
  const path = `${file}.${scheme}`;
  const { tensors, bytes, weights } = layOut(checkpoint, scheme, path);
  return { tensors, planned: { path, bytes }, weights };
}

/** Undefined where it is not made; what it loses, once that is measured. @throws the system's own errors */
export function findPrepared(
  checkpoint: Checkpoint,
  scheme: Scheme,
  path: string,
): { readonly loss: Loss | undefined } | undefined {
  const key = keyOf(checkpoint, sourceFiles(checkpoint), scheme);
  const folder = new PreparedFolder(path);
  return folder.index(key) && { loss: folder.loss(key) };
}
