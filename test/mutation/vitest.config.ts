/** The tests that mutants are held to: the parts', as they stand in the project's configuration. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

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
    include: [
      'test/{slot,onnx,generate,analysis,model,runs,hub,files,protocol,renderer,exports}/**/*.test.ts',
    ],
    testTimeout: 30_000,
  },
});
