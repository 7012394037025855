/** A home in which other tools keep models, and an engine that looks there; empty for each test. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, vi } from 'vitest';
import { createEngine, type Engine } from '../../../engine/api/engine';
import type { ModelEntry } from '../../../engine/protocol';
import { otherTools } from '../../../fixtures/other-tools';
import { temporaryFolder } from '../../../fixtures/runs';

/** Of Ollama's blobs. */
export const HASH = 'ab'.repeat(32);
export const OTHER = 'cd'.repeat(32);
export const WEIGHTS = 'application/vnd.ollama.image.model';

export const layer = (hash: string, mediaType = WEIGHTS) => ({
  mediaType,
  digest: `sha256:${hash}`,
  size: 4,
});

export class Tools {
  home!: string;
  engine!: Engine;

  constructor() {
    const folder = temporaryFolder();
    let made = 0;
    beforeEach(() => {
      this.home = join(folder, `home-${made++}`);
      mkdirSync(this.home);
      for (const [name, value] of Object.entries(otherTools(this.home))) vi.stubEnv(name, value);
      vi.stubEnv('HF_HUB_CACHE', join(this.home, 'hub'));
      this.engine = createEngine({ dataFolder: join(this.home, 'data') });
    });
    afterEach(async () => {
      await this.engine.dispose();
      vi.unstubAllEnvs();
    });
  }

  put(path: string, content: string | Uint8Array = 'GGUF'): string {
    const at = join(this.home, path);
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, content);
    return at;
  }

  /** Ollama's, of a model whose blobs these are. */
  manifest(path: string, layers: object[], more: object = {}): void {
    this.put(`ollama/manifests/${path}`, JSON.stringify({ schemaVersion: 2, layers, ...more }));
  }

  async entries(): Promise<ModelEntry[]> {
    const { models } = await this.engine.query('models.list', {});
    return models.filter(({ source }) => source !== 'starter');
  }
}
