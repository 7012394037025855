/** The engine process: the same file under Electron's utilityProcess and under child_process.fork. */
import { createEngine } from '../engine';
import { runEngineProcess } from './run-process';

runEngineProcess(createEngine());
