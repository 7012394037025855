/** Starts a thread from source or from the bundles, with a limit on what it may allocate. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

export interface ThreadModule {
  /** In TypeScript. */
  readonly source: URL;
  /** Its name in the bundles; listed in electron/vite.config.ts. */
  readonly bundled: string;
}

/** From source by tsx, which has to be registered in each thread; else the bundle beside this module. */
export function startWorker({ source, bundled }: ThreadModule, maxHeapMib: number): Worker {
  const options = { resourceLimits: { maxOldGenerationSizeMb: maxHeapMib }, execArgv: [] };
  if (!import.meta.url.endsWith('.ts')) return new Worker(join(import.meta.dirname, bundled), options);
  const manifest = createRequire(import.meta.url).resolve('tsx/package.json');
  const tsx = pathToFileURL(join(manifest, '..', 'dist', 'esm', 'api', 'index.mjs')).href;
  const start = `import('${tsx}').then(({ register }) => { register(); return import('${source.href}'); })`;
  return new Worker(start, { ...options, eval: true });
}
