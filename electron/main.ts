/** Electron's main process; everything it needs lies beside its bundle. */
import { join } from 'node:path';
import { app, dialog } from 'electron';
import { bundledEntry } from '../engine/process/launch';
import { EngineError } from '../engine/protocol';
import { startApp } from './app';
import { checkEngineFiles, readEngineFiles } from './engine-files';

const beside = import.meta.dirname;
const listed = readEngineFiles(beside);
// Packaged, this is resources/app.asar/dist/electron, and the engine has a folder of its own beside the archive.
const packaged = join(beside, '..', '..', '..', 'engine');
const engineFolder = listed === null ? beside : join(packaged, 'dist', 'electron');

// Not awaited here: Electron is not ready before this module has run to its end.
startApp({
  engine: bundledEntry(join(engineFolder, 'engine.js')),
  checkEngine: async () => {
    if (listed !== null) await checkEngineFiles(packaged, listed);
  },
  preload: join(beside, 'preload.cjs'),
  root: join(beside, '..', 'renderer'),
}).catch((error: unknown) => {
  dialog.showErrorBox('SLOT Studio could not start', wordsOf(error));
  app.exit(1);
});

function wordsOf(error: unknown): string {
  if (error instanceof EngineError)
    return [error.message, error.hint].filter((part) => part !== '').join('\n');
  return error instanceof Error ? error.message : String(error);
}
