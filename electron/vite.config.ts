/** Bundles the processes behind the window into dist/electron: ES modules for Node, CommonJS for the sandboxed preload. */
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { defineConfig } from 'vite';

const root = join(import.meta.dirname, '..');

/** Electron comes with its runtime, onnxruntime-node with binaries; all else is bundled. */
const external = (id: string) => id === 'electron' || id.startsWith('onnxruntime-') || isBuiltin(id);

const common = {
  outDir: join(root, 'dist', 'electron'),
  target: 'node20',
  sourcemap: true,
  minify: false,
  copyPublicDir: false,
};

export default defineConfig({
  root,
  publicDir: false,
  environments: {
    // One after the other, into one folder: the first empties it.
    node: {
      consumer: 'server',
      resolve: { noExternal: true, conditions: ['node', 'import', 'module', 'default'] },
      build: {
        ...common,
        emptyOutDir: true,
        rollupOptions: {
          external,
          input: {
            main: join(root, 'electron', 'main.ts'),
            engine: join(root, 'engine', 'process', 'main.ts'),
            serve: join(root, 'engine', 'serve', 'main.ts'),
            'grade-thread': join(root, 'engine', 'grade', 'thread.ts'),
            'prepare-thread': join(root, 'engine', 'checkpoint', 'prepare', 'thread.ts'),
          },
          output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
        },
      },
    },
    preload: {
      consumer: 'server',
      resolve: { noExternal: true },
      build: {
        ...common,
        emptyOutDir: false,
        rollupOptions: {
          external,
          input: { preload: join(root, 'electron', 'preload.ts') },
          output: { format: 'cjs', entryFileNames: '[name].cjs' },
        },
      },
    },
  },
  builder: {
    async buildApp(builder) {
      for (const name of ['node', 'preload']) await builder.build(builder.environments[name]!);
    },
  },
});
