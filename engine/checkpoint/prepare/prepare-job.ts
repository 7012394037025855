/** One artefact: looked for, checked, made. */
import { open } from 'node:fs/promises';
import { checkSpace } from '../../files/space';
import { badInput, EngineError } from '../../protocol';
import { isCurrent } from './identity';
import type { Chunk, Layout } from './layout';
import { notStored } from './not-stored';
import type { Claim, PreparedFolder } from './prepared-folder';
import { type Index, isSealed, sealOf } from './prepared-index';
import { countBytes, type Progress } from './progress';
import { work } from './work';

export class PrepareJob {
  constructor(
    private readonly folder: PreparedFolder,
    private readonly layout: Layout,
    private readonly facts: Pick<Index, 'key' | 'name' | 'scheme' | 'sources'>,
    private readonly onProgress: (progress: Progress) => void,
    private readonly signal: AbortSignal,
  ) {}

  /** @returns what ends its use; undefined where it is not there, or is damaged: that is removed */
  async find(): Promise<(() => void) | undefined> {
    const { key } = this.facts;
    const release = stored(() => this.folder.use(key));
    if (!release) return undefined;
    let isWhole = false;
    try {
      isWhole = await this.isWhole();
    } finally {
      if (!isWhole) release();
    }
    if (isWhole) return release;
    stored(() => this.folder.remove(key));
    return undefined;
  }

  /** @returns false where another process is at it */
  async make(): Promise<boolean> {
    const claim = stored(() => this.folder.claim(this.facts.key));
    if (!claim) return false;
    try {
      const hint = 'Free some space, delete other prepared models, or set SLOT_STUDIO_CACHE to another disk.';
      checkSpace(this.folder.path, this.layout.bytes, hint);
      const checksums = await this.write(claim);
      const created = new Date().toISOString();
      claim.keep({ ...this.facts, created, checksums, seal: sealOf(claim.weights) });
    } catch (thrown) {
      claim.drop();
      throw thrown instanceof EngineError || this.signal.aborted ? thrown : notStored(thrown);
    }
    this.removeSuperseded();
    return true;
  }

  private async write({ weights }: Claim): Promise<number[]> {
    const file = await open(weights, 'wx', 0o600);
    try {
      await file.truncate(this.layout.bytes);
      const checksums = await this.count('convert', weights);
      await file.sync();
      this.checkSources();
      return checksums;
    } finally {
      await file.close();
    }
  }

  private count(kind: 'convert' | 'check', file: string): Promise<number[]> {
    const { chunks, bytes } = this.layout;
    const count = countBytes(kind === 'convert' ? 'preparing' : 'checking', bytes, this.onProgress);
    return work({ kind, chunks, file }, (chunk) => count(bytesOf(chunk)), this.signal);
  }

  /** A file that nothing has written to since it was made, or checked, is as it was; else its bytes are looked at. */
  private async isWhole(): Promise<boolean> {
    const { key } = this.facts;
    const weights = this.folder.weights(key);
    const index = this.folder.index(key);
    if (index?.checksums.length !== this.layout.chunks.length) return false;
    try {
      const seal = sealOf(weights);
      if (seal.size !== this.layout.bytes) return false;
      const isTouched = !isSealed(weights, index.seal);
      if (isTouched) {
        const found = await this.count('check', weights);
        if (found.some((checksum, i) => checksum !== index.checksums[i])) return false;
      }
      // The model may have moved.
      if (isTouched || !isCurrent(index.sources)) this.folder.renewIndex({ ...index, ...this.facts, seal });
      return true;
    } catch {
      this.signal.throwIfAborted();
      // It went away, or cannot be read.
      return false;
    }
  }

  private checkSources(): void {
    if (isCurrent(this.facts.sources)) return;
    throw badInput('model-changed', 'the model was changed while it was prepared', 'Open it again.');
  }

  /** What was made of the same files, in the same way, before they changed. */
  private removeSuperseded(): void {
    const { key, scheme, sources } = this.facts;
    const maker = (index: Pick<Index, 'scheme' | 'sources'>) =>
      JSON.stringify([index.scheme, index.sources.map(({ path }) => path)]);
    for (const other of this.folder.keys()) {
      const index = other === key ? undefined : this.folder.index(other);
      if (index && maker(index) === maker({ scheme, sources })) this.folder.remove(other);
    }
  }
}

function stored<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw notStored(thrown);
  }
}

function bytesOf({ codes, scales, constants }: Chunk): number {
  return codes.length + scales.length + (constants?.length ?? 0);
}
