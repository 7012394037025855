/** An engine for one command. */
import { createEngine, type Engine } from '../api/engine';
import { preparingLine } from './preparing-line';

export async function withEngine(work: (engine: Engine) => Promise<unknown>): Promise<void> {
  const engine = createEngine();
  engine.watchPreparing(preparingLine(process.stderr));
  try {
    await work(engine);
  } finally {
    await engine.dispose();
  }
}
