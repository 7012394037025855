/** Bundles the processes behind the window into dist/electron: ES modules for Node, CommonJS for the sandboxed preload. */
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { defineConfig, type EnvironmentOptions } from 'vite';

const root = join(import.meta.dirname, '..');

/** Electron comes with its runtime, onnxruntime-node with binaries; all else is bundled. */
const external = (id: string) => id === 'electron' || id.startsWith('onnxruntime-') || isBuiltin(id);

/** Each process has chunks of its own, named after it: a package keeps those of some inside its archive. */
function processes(name: string, input: Readonly<Record<string, string>>): EnvironmentOptions {
  const sources = Object.entries(input).map(([output, source]) => [output, join(root, source)]);
  return {
    consumer: 'server',
    resolve: { noExternal: true, conditions: ['node', 'import', 'module', 'default'] },
    build: {
      outDir: join(root, 'dist', 'electron'),
      // The first empties the folder that all are built into.
      emptyOutDir: name === 'main',
      target: 'node20',
      // For whoever reads a profile; packages leave them out, so that no bundle may ask for one.
      sourcemap: 'hidden',
      minify: false,
      copyPublicDir: false,
      license: { fileName: `licences/${name}.json` },
      rollupOptions: {
        external,
        input: Object.fromEntries(sources),
        output: {
          format: name === 'preload' ? 'cjs' : 'es',
          entryFileNames: name === 'preload' ? '[name].cjs' : '[name].js',
          chunkFileNames: `${name}-[name]-[hash].js`,
        },
      },
    },
  };
}

export default defineConfig({
  root,
  publicDir: false,
  environments: {
    main: processes('main', { main: 'electron/main.ts' }),
    engine: processes('engine', {
      engine: 'engine/process/main.ts',
      'grade-thread': 'engine/grade/thread.ts',
      'prepare-thread': 'engine/checkpoint/prepare/thread.ts',
    }),
    cli: processes('cli', { cli: 'engine/cli/main.ts' }),
    preload: processes('preload', { preload: 'electron/preload.ts' }),
  },
  builder: {
    async buildApp(builder) {
      for (const name of ['main', 'engine', 'cli', 'preload'])
        await builder.build(builder.environments[name]!);
    },
  },
});
