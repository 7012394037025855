/** The tests that mutants are held to: those of the room's mirrors, which `main.ts` names. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { FailedFiles } from './failed-files';
import { QuickFirst } from './quick-first';

export default defineConfig({
  resolve: {
    alias: [
      {
        find: /^electron$/,
        replacement: fileURLToPath(new URL('../electron/stand-in/electron.ts', import.meta.url)),
      },
    ],
  },
  test: {
    environment: 'node',
    setupFiles: [fileURLToPath(new URL('./home.ts', import.meta.url))],
    include: (process.env.MUTATION_TESTS ?? '')
      .split(',')
      .map((path) => (path.endsWith('.ts') ? path : `${path}/**/*.test.ts`)),
    sequence: { sequencer: QuickFirst },
    reporters: [new FailedFiles()],
    isolate: process.env.MUTATION_ISOLATE === 'true',
    // Others' work makes a test slow; what does not end is ended by Stryker.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
