/** Ctrl+C ends at once what the command line waits for, before there is anything to bring to an end. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { STARTER_FOLDER } from '../../engine/api/engine';
import { temporaryFolder } from '../../fixtures/runs';
import { HubServer } from '../hub/server';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ENDLESS = pathToFileURL(join(import.meta.dirname, 'fixtures/endless-opening.mjs')).href;
const folder = temporaryFolder();
let hub: HubServer;

beforeAll(async () => {
  hub = await HubServer.start({ 'some-org/starter': { folder: STARTER_FOLDER } });
});
afterAll(() => hub.stop());

function start(args: readonly string[], imported: readonly string[] = []) {
  const imports = ['tsx', ...imported].flatMap((each) => ['--import', each]);
  const child = spawn(process.execPath, [...imports, 'engine/cli/main.ts', ...args], {
    cwd: ROOT,
    env: {
      ...process.env,
      HF_ENDPOINT: hub.endpoint,
      HF_HUB_CACHE: join(folder, 'hub'),
      SLOT_STUDIO_DATA: join(folder, 'data'),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  /** As a shell tells it. */
  const status = new Promise<number>((resolve) =>
    child.on('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal!])),
  );
  return { child, status };
}

it.each([
  ['run', ['--prompt', 'hi']],
  ['run --prompt-file', ['--prompt-file', join(folder, 'prompt.txt')]],
])('%s, while onnxruntime opens the model', async (_, args) => {
  // Its final newline is counted, for which the model opens before the run.
  writeFileSync(join(folder, 'prompt.txt'), 'hi\n');
  const { child, status } = start(['run', ...args], [ENDLESS]);
  await new Promise((resolve) => child.stderr.once('data', resolve));
  child.kill('SIGINT');
  expect(await status).toBe(130);
});

it.each([
  ['models search', ['starter']],
  ['models inspect', ['some-org/starter']],
])('%s, while the hub does not answer', async (command, args) => {
  const asked = new Promise<void>((resolve) => {
    hub.trouble = () => {
      resolve();
      return { hang: true };
    };
  });
  const { child, status } = start([...command.split(' '), ...args]);
  await asked;
  child.kill('SIGINT');
  expect(await status).toBe(130);
});
