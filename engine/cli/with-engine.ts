/** An engine for one command. */
import { createEngine, type Engine } from '../api/engine';

export async function withEngine(work: (engine: Engine) => Promise<unknown>): Promise<void> {
  const engine = createEngine();
  try {
    await work(engine);
  } finally {
    await engine.dispose();
  }
}
