/** A hub with two repositories and a gated one, and a connection to it; told of nothing, and anew for each test. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { HubConnection } from '../../engine/hub/connection';
import { temporaryFolder } from '../../fixtures/runs';
import { HubServer } from './server';

export const ID = 'org/all';
export const KIB = 1024;
/** Of the repository's onnx/model.onnx. */
export const WEIGHTS = Buffer.from(
  Uint8Array.from({ length: 300 * KIB + 100 }, (_, i) => (i * 7 + (i >> 8)) % 251),
);

export class Connected {
  readonly folder = temporaryFolder();
  server!: HubServer;
  hub!: HubConnection;

  constructor() {
    this.put('all/onnx/model.onnx', WEIGHTS);
    this.put('all/a b#c/x.gguf', 'G');
    this.put('all/model.safetensors', 'S');
    this.put('gguf/x.gguf');
    beforeAll(async () => {
      const all = { folder: join(this.folder, 'all') };
      const repos = { [ID]: all, 'org/gguf': { folder: join(this.folder, 'gguf') } };
      this.server = await HubServer.start({ ...repos, 'org/gated': { ...all, token: 'hf_secret' } });
    });
    afterAll(() => this.server.stop());
    beforeEach(() => {
      this.server.trouble = () => undefined;
      this.server.asked.length = 0;
      this.hub = this.connect();
    });
    afterEach(() => this.hub.close());
  }

  put(path: string, content: string | Uint8Array = ''): void {
    const at = join(this.folder, path);
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, content);
  }

  /** As a user without any configuration has it, whose home is empty. */
  env(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return { HF_HOME: join(this.folder, 'nobody'), ...more };
  }

  connect(more: NodeJS.ProcessEnv = {}): HubConnection {
    return new HubConnection(this.env({ HF_ENDPOINT: this.server.endpoint, ...more }));
  }
}
