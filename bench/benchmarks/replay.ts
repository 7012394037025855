/** A server whose engine replays a recorded run of the starter model. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createEngine } from '../../engine/api/engine';
import { sourceEntry } from '../../engine/process/launch';
import { encodeJson, RunConfig, type RunEvent } from '../../engine/protocol';
import { startServer, type WindowServer } from '../../engine/serve/server';

export const PROMPT = 'Tom has 3 apples and buys 5 more. How many apples does he have?';

interface ReplayOptions {
  /** Tokens of the answer. */
  readonly tokens: number;
  /** Milliseconds before each. */
  readonly pace: number;
  /** The window's files. */
  readonly root: string;
}

export async function withReplay<T>(
  { tokens, pace, root }: ReplayOptions,
  use: (server: WindowServer) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'slot-studio-bench-'));
  const events = join(folder, 'events.json');
  writeFileSync(events, encodeJson(await recordedRun(folder, tokens)));
  Object.assign(process.env, {
    SLOT_BENCH_EVENTS: events,
    SLOT_BENCH_PACE: String(pace),
    SLOT_STUDIO_DATA: folder,
  });
  const entry = sourceEntry(fileURLToPath(new URL('./replay-engine.ts', import.meta.url)));
  const server = await startServer({ root, engine: { entry } });
  try {
    return await use(server);
  } finally {
    await server.close();
    rmSync(folder, { recursive: true });
  }
}

async function recordedRun(dataFolder: string, tokens: number): Promise<RunEvent[]> {
  const engine = createEngine({ dataFolder });
  const events: RunEvent[] = [];
  const config = RunConfig.parse({
    prompt: { kind: 'raw', text: PROMPT },
    lanes: [{ name: 'slot', steps: 1 }],
    generation: { maxNewTokens: tokens, ignoreEos: true },
  });
  await engine.run('recorded', config, (event) => events.push(event));
  await engine.dispose();
  return events;
}
