/** What a model's files weigh, told without opening it. */
import { outlook } from '../checkpoint/prepare/prepare';
import type { DtypeSize } from '../protocol';
import type { GraphSource } from './graph-source';
import { bytesOnDisk, graphSources } from './graph-sources';

/**
 * What the files on disk weigh, by dtype; of those that are prepared from floats, what is made of them.
 * @throws EngineError `no-model`
 */
export function dtypeSizes(folder: string): DtypeSize[] {
  return graphSources(folder).map((source) => ({
    dtype: source.dtype,
    bytes: preparedBytes(source) ?? bytesOnDisk(source.files),
    ...(source.roundedFrom === undefined ? {} : { madeOf: source.roundedFrom }),
  }));
}

/** Of all that a folder's models are made of. @throws EngineError `no-model` */
export function folderBytes(folder: string): number {
  return bytesOnDisk([...new Set(graphSources(folder).flatMap(({ files }) => files))]);
}

/** Undefined where its files do not say; a GGUF weighs about the same once it is prepared, and is not read for that. */
function preparedBytes({ preparation, parts }: GraphSource): number | undefined {
  if (parts) return undefined;
  try {
    const { checkpoint, scheme } = preparation() ?? {};
    return checkpoint && scheme && outlook(checkpoint, scheme).planned.bytes;
  } catch {
    return undefined;
  }
}
