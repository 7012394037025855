/** What a model needs made before it opens. */
import { findPrepared, outlook, type Prepared, prepare } from '../checkpoint/prepare/prepare';
import { findHead } from '../onnx/recognise/find-head';
import type { Preparing } from '../protocol';
import type { ModelFolder } from './folder';
import type { GraphSource, Preparation } from './graph-source';

export interface PreparedWeights {
  /** See `preparedFolder`. */
  readonly folder: string;
  /** Told while it is made; null: that is over. */
  readonly onProgress: (progress: Preparing | null) => void;
}

/**
 * Undefined where a model opens as it is. Whoever is given it releases it.
 * @throws as `prepare`
 */
export async function madeWeights(
  { id, dtype, source }: ModelFolder,
  prepared: PreparedWeights | undefined,
  signal = new AbortController().signal,
): Promise<Prepared | undefined> {
  const preparation = source.preparation();
  if (!preparation) return undefined;
  if (!prepared) throw new Error(`${dtype} is opened without a folder for what it is prepared into`);
  const { checkpoint, scheme } = preparation;
  if (!findPrepared(checkpoint, scheme, prepared.folder)) checkPlan(source, preparation);
  let isTold = false;
  const onProgress = (progress: Omit<Preparing, 'model' | 'dtype'>) => {
    isTold = true;
    prepared.onProgress({ model: id, dtype, ...progress });
  };
  try {
    return await prepare(checkpoint, scheme, {
      folder: prepared.folder,
      name: `${id} ${dtype}`,
      onProgress,
      signal,
    });
  } finally {
    if (isTold) prepared.onProgress(null);
  }
}

/** What would not open is refused before hours of work and gigabytes are spent on it. */
function checkPlan(source: GraphSource, { checkpoint, scheme }: Preparation): void {
  const file = source.open(outlook(checkpoint, scheme));
  try {
    findHead(file.model);
  } finally {
    file.close();
  }
}
