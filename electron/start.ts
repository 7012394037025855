/** `npm start`: builds what is missing, then opens the window, or says in one line where the same app is served. */
import { join } from 'node:path';
import { bundledEntry } from '../engine/process/launch';
import { exitWith, parseServeArguments } from '../engine/serve/arguments';
import { serve } from '../engine/serve/serve';
import { buildIfStale, PROCESSES, WINDOW } from './build';
import { findRuntime, runElectron, thisMachine } from './runtime';

const root = join(import.meta.dirname, '..');

/** Why the app could not have a window of its own; null where it had, and the user has closed it. */
async function inElectron(): Promise<string | null> {
  const runtime = await findRuntime(thisMachine());
  // The window tells what the processes are made of, too.
  await buildIfStale(root, PROCESSES);
  await buildIfStale(root, WINDOW);
  if ('reason' in runtime) return runtime.reason;
  return runElectron(runtime.executable, root);
}

try {
  const options = parseServeArguments(process.argv.slice(2));
  const reason = await inElectron();
  if (reason !== null) {
    // The bundle starts in a fraction of the time that the source takes.
    const engine = { entry: bundledEntry(join(root, 'dist', 'electron', 'engine.js')) };
    const announce = (url: string) => `${reason}: open ${url} in a browser (Ctrl+C stops).`;
    await serve({ ...options, engine, announce });
  }
  process.exit(0);
} catch (thrown) {
  exitWith(thrown);
}
