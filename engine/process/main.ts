/** The engine process: the same file under Electron's utilityProcess and under child_process.fork. */
import { join } from 'node:path';
import { createEngine } from '../api/engine';
import { runEngineProcess } from './run-process';

// As far from assets/ in the bundle (dist/electron) as in the source (engine/process).
runEngineProcess(
  createEngine({ starterFolder: join(import.meta.dirname, '..', '..', 'assets', 'starter', 'model') }),
);
