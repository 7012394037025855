/** Tests: Node, real processes and sockets; end-to-end ones share the machine, so files run two at a time at most. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    alias: [
      // Some machines cannot run Electron: its wiring is tested against a stand-in, typed by the real package.
      {
        find: /^electron$/,
        replacement: fileURLToPath(new URL('./test/electron/stand-in/electron.ts', import.meta.url)),
      },
    ],
  },
  test: {
    environment: 'node',
    // Of what hangs, and of nothing else: tests that start processes take as long as the machine lets them.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A machine that does other work as well answers late, and right all the same.
    expect: { poll: { timeout: 10_000 } },
    projects: [
      {
        extends: true,
        test: { name: 'parts', include: ['test/**/*.test.ts'], exclude: ['test/e2e/**'], maxWorkers: 2 },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
