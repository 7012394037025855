/** Names what is prepared after what it is made of. */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { readAt, withFile } from '../../files/read';
import type { Checkpoint } from '../checkpoint';
import type { SourceFile } from './prepared-index';
import { conversionsOf, type Scheme } from './scheme';

/** Counts changes of what the numbers in a prepared file mean, or of how they are found. */
const FORMAT = 2;
const SAMPLES = 256;
const SAMPLE_BYTES = 4096;

/** The files that a checkpoint's tensors lie in, as they are now. */
export function sourceFiles({ tensors }: Checkpoint): SourceFile[] {
  return [...new Set([...tensors.values()].map(({ file }) => file))].sort().map(stateOf);
}

export function stateOf(path: string): SourceFile {
  const { size, mtimeNs } = statSync(path, { bigint: true });
  return { path, size: Number(size), modified: String(mtimeNs) };
}

/** Whether the files are as they were. */
export function isCurrent(files: readonly SourceFile[]): boolean {
  try {
    return JSON.stringify(files.map(({ path }) => stateOf(path))) === JSON.stringify(files);
  } catch {
    return false;
  }
}

/**
 * A hash of the files' sizes and times, where every converted tensor lies, a sample of the weights, and the scheme. Whoever
 * writes to a file changes its time, so no weight of another file is ever taken for this one's; the samples tell apart
 * what a tool copied over it with its time. All weights are not read: that takes as long as preparing them. Paths do
 * not count, so that a model may move.
 * @throws EngineError `scheme`, `unreadable-file`; the system's own errors
 */
export function keyOf(checkpoint: Checkpoint, files: readonly SourceFile[], scheme: Scheme): string {
  const tensors = conversionsOf(checkpoint, scheme).map(({ tensor }) => tensor);
  const order = new Map(files.map(({ path }, i) => [path, i]));
  const hash = createHash('sha256');
  const facts = {
    format: FORMAT,
    scheme,
    files: files.map(({ size, modified }) => [size, modified]),
    tensors: tensors.map(({ name, type, dims, file, offset, length }) => [
      name,
      type,
      dims,
      order.get(file),
      offset,
      length,
    ]),
  };
  hash.update(JSON.stringify(facts));
  const every = Math.ceil(tensors.length / SAMPLES);
  for (const { file, offset, length } of tensors.filter((_, i) => i % every === 0)) {
    const sample = new Uint8Array(Math.min(length, SAMPLE_BYTES));
    const middle = offset + Math.floor((length - sample.length) / 2);
    withFile(file, (open) => readAt(open, sample, middle));
    hash.update(sample);
  }
  return hash.digest('hex').slice(0, 32);
}
