/** An engine for one command. */
import { createEngine, type Engine } from '../api/engine';
import { preparingLine } from './preparing-line';

export async function withEngine(work: (engine: Engine) => Promise<unknown>): Promise<void> {
  const engine = createEngine();
  const line = preparingLine(process.stderr);
  // Said once everyone knows of it, so that an interrupt that answers it is heard.
  engine.watchPreparing((preparing) => setImmediate(line, preparing));
  try {
    await work(engine);
  } finally {
    await engine.dispose();
  }
}
