/** The real engine as a process of its own, which hangs for good at SIGUSR2. */
import { createEngine } from '../../engine/engine';
import { runEngineProcess } from '../../engine/process/run-process';

process.on('SIGUSR2', () => {
  for (;;);
});
runEngineProcess(createEngine());
