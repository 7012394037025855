/** Builds the window into dist/renderer, with relative paths so that both shells can serve it. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { noticesPlugin } from './packaging/notices/plugin';

const LICENCES = 'licences.json';

export default defineConfig(({ mode }) => {
  // A NODE_ENV inherited from a test runner would build in the slow development version of React.
  if (mode === 'production') process.env.NODE_ENV = 'production';
  return {
    root: 'renderer',
    base: './',
    plugins: [react(), noticesPlugin(import.meta.dirname, LICENCES)],
    build: {
      outDir: '../dist/renderer',
      emptyOutDir: true,
      // What light-dark() in the style sheets needs anyway.
      target: ['chrome123', 'firefox121', 'safari17.5'],
      // One page, loaded from this machine: one file is simplest.
      chunkSizeWarningLimit: 1500,
      assetsInlineLimit: 0,
      license: { fileName: LICENCES },
    },
  };
});
