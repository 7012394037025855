/** An engine for one command. */
import { createEngine, type Engine } from '../api/engine';
import { preparingLine } from './preparing-line';

/** @param servers that the environment's keys are for */
export async function withEngine(
  work: (engine: Engine) => Promise<unknown>,
  { server, baselineServer }: { readonly server?: string; readonly baselineServer?: string } = {},
): Promise<void> {
  const engine = createEngine({ server, baselineServer });
  const line = preparingLine(process.stderr);
  // Said once everyone knows of it, so that an interrupt that answers it is heard.
  engine.watchPreparing((preparing) => setImmediate(line, preparing));
  try {
    await work(engine);
  } finally {
    await engine.dispose();
  }
}
