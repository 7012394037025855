/** A checkpoint as a source of graphs: read when it is first asked for something. */
import type { Checkpoint } from '../checkpoint/checkpoint';
import { MAX_POSITIONS } from '../checkpoint/decoder/families';
import { openCheckpoint } from '../checkpoint/open';
import type { Scheme } from '../checkpoint/prepare/scheme';
import type { GraphSource } from './graph-source';

interface CheckpointFiles {
  /** As errors name it. */
  readonly path: string;
  readonly files: readonly string[];
  readonly read: () => Checkpoint;
  /** Undefined where its weights are multiplied as they are stored. */
  readonly schemeOf: (checkpoint: Checkpoint) => Scheme | undefined;
}

export function checkpointSource(
  dtype: string,
  { path, files, read, schemeOf }: CheckpointFiles,
): Omit<GraphSource, 'parts'> {
  const preparation = () => {
    const checkpoint = read();
    const scheme = schemeOf(checkpoint);
    return scheme && { checkpoint, scheme };
  };
  return {
    dtype,
    files,
    positions: MAX_POSITIONS,
    preparation,
    open: (made) => {
      if (!made && preparation()) throw new Error(`${dtype} of ${path} is opened before it is prepared`);
      return openCheckpoint(read(), path, made);
    },
  };
}
