/** Electron's main process; everything it needs lies beside its bundle. */
import { join } from 'node:path';
import { app, dialog } from 'electron';
import { bundledEntry } from '../engine/process/launch';
import { startApp } from './app';

const beside = import.meta.dirname;
// Packaged, the engine lies beside the archive: what it maps into memory must be a file of its own.
const engine = join(beside, 'engine.js').replace('app.asar', 'app.asar.unpacked');

// Not awaited here: Electron is not ready before this module has run to its end.
startApp({
  engine: bundledEntry(engine),
  preload: join(beside, 'preload.cjs'),
  root: join(beside, '..', 'renderer'),
}).catch((error: unknown) => {
  dialog.showErrorBox('SLOT Studio could not start', error instanceof Error ? error.message : String(error));
  app.exit(1);
});
