/** How the engine process is launched: which file, with which Node flags, in which environment. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export interface EngineEntry {
  /** Absolute path of the module that calls `runEngineProcess`. */
  path: string;
  /** Node flags of the process. */
  execArgv: string[];
}

/**
 * A model's files can make the engine allocate as long as its time limits let them: this ends it before the machine
 * swaps. Weights, caches and vectors lie outside of this heap; a large vocabulary takes some 300 MiB of it.
 */
const MAX_HEAP = '--max-old-space-size=2048';

/** The engine's own entry: the TypeScript source when this module runs from source, else the bundle beside it. */
export function engineEntry(): EngineEntry {
  if (import.meta.url.endsWith('.ts')) return sourceEntry(join(import.meta.dirname, 'main.ts'));
  return bundledEntry(join(import.meta.dirname, 'engine.js'));
}

/** An entry that Node runs as it is. */
export function bundledEntry(path: string): EngineEntry {
  return { path, execArgv: [MAX_HEAP] };
}

/** An entry written in TypeScript. tsx is named by its full URL, so the working directory does not matter. */
export function sourceEntry(path: string): EngineEntry {
  const manifest = createRequire(import.meta.url).resolve('tsx/package.json');
  const loader = pathToFileURL(join(manifest, '..', 'dist', 'loader.mjs')).href;
  return { path, execArgv: [MAX_HEAP, '--import', loader] };
}

/** Variables that would load foreign code into the process or change what kind of process it is. */
const DANGEROUS = [
  'NODE_OPTIONS',
  'NODE_PATH',
  'NODE_REPL_EXTERNAL_MODULE',
  'NODE_INSPECT_RESUME_ON_START',
  'NODE_CHANNEL_FD',
  'NODE_CHANNEL_SERIALIZATION_MODE',
  'NODE_UNIQUE_ID',
  'ELECTRON_RUN_AS_NODE',
  'ELECTRON_NO_ASAR',
  'LD_PRELOAD',
  'LD_AUDIT',
  'DYLD_INSERT_LIBRARIES',
];

/** A copy of `env` that is safe to start a child with. LD_LIBRARY_PATH stays: CUDA's libraries are found by it. */
export function childEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const safe = { ...env };
  for (const name of Object.keys(safe)) {
    // Windows does not tell apart the case of variables.
    if (DANGEROUS.includes(name.toUpperCase())) delete safe[name];
  }
  return safe;
}
