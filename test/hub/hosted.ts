/** A hub with one small model, and an engine that downloads from it into a cache of its own; anew for each test. */
import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, vi } from 'vitest';
import { createEngine, type Engine } from '../../engine/api/engine';
import type { Params, Pull } from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import { temporaryFolder } from '../../fixtures/runs';
import { filesBelow } from './cached';
import { pullToEnd } from './pulls';
import { type HostedRepo, HubServer } from './server';

export const ID = 'some-org/tiny';
export const TOKEN = 'hf_secret';

export class Hosted {
  readonly folder = temporaryFolder();
  readonly cache = join(this.folder, 'hub');
  readonly repo = join(this.cache, 'models--some-org--tiny');
  /** In float32, its weights in three data files, and in float16. */
  readonly model: string;
  server!: HubServer;
  engine!: Engine;

  constructor() {
    this.model = writeDecoder(join(this.folder, 'model'), { weights: 'split', contextLength: 64 }).folder;
    writeDecoder(this.model, { suffix: '_fp16', dtype: 'float16', contextLength: 64 });
    beforeEach(() => {
      for (const path of [this.cache, join(this.folder, 'data')])
        rmSync(path, { recursive: true, force: true });
      vi.stubEnv('HF_HUB_CACHE', this.cache);
      vi.stubEnv('HF_TOKEN', TOKEN);
    });
    afterEach(async () => {
      await this.engine.dispose();
      await this.server.stop();
      vi.unstubAllEnvs();
    });
  }

  async host(repo: Partial<HostedRepo> = {}): Promise<void> {
    this.server = await HubServer.start({ [ID]: { folder: this.model, ...repo } });
    vi.stubEnv('HF_ENDPOINT', this.server.endpoint);
    this.restart();
  }

  /** Another engine over the same folders. */
  restart(): void {
    this.engine = createEngine({ dataFolder: join(this.folder, 'data') });
  }

  pull(asked: Partial<Params<'models.pull'>> = {}, onProgress?: (pull: Pull) => void): Promise<Pull> {
    return pullToEnd(this.engine, { id: ID, ...asked }, onProgress);
  }

  /** Bytes of one of the model's files. */
  size(path: string): number {
    return lstatSync(join(this.model, path)).size;
  }

  /** The name of the blob that an LFS file of the model becomes. */
  blobOf(path: string): string {
    return createHash('sha256')
      .update(readFileSync(join(this.model, path)))
      .digest('hex');
  }

  /** Downloads that are not whole. */
  partials(): string[] {
    return filesBelow(this.cache).filter((path) => path.endsWith('.incomplete'));
  }
}
