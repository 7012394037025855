/** Prepared weights from the command line: told while they are made, listed, deleted. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readFamily, writeFamily } from '../checkpoint/families';
import { temporary } from '../checkpoint/prepare/support';
import { cli } from './process';

it('are made by a run, kept where the environment says, listed and deleted', async () => {
  const here = temporary();
  const folder = join(here, 'tiny');
  const cache = join(here, 'cache');
  writeFamily(folder, readFamily('llama'));
  const env = { SLOT_STUDIO_DATA: join(here, 'data'), SLOT_STUDIO_CACHE: cache };
  const run = [
    'run',
    '--model',
    folder,
    '--dtype',
    'safetensors_q4',
    '--steps',
    '1',
    '--max-new-tokens',
    '2',
  ];
  const made = await cli([...run, '--prompt', 'Tom has 3 apples.', '--raw', '--json'], env);
  expect(made.stderr).toMatch(/^tiny: preparing safetensors_q4, 0 % of \d/m);
  expect(made.code).toBe(0);
  const listed = await cli(['models', 'prepared', '--json'], env);
  const entry = JSON.parse(listed.stdout) as { key: string };
  expect(entry).toMatchObject({ type: 'prepared', name: 'tiny safetensors_q4', isUsed: false });
  expect((await cli(['models', 'prepared'], env)).stdout).toContain(`folder: ${cache}`);
  const card = await cli(['models', 'inspect', folder, '--dtype', 'safetensors_q4'], env);
  expect(card.stdout).toMatch(/preparing +done: .*\n.*nats \(KL\)/);
  const deleted = await cli(['models', 'prepared', '--rm', entry.key], env);
  expect(deleted.stdout).toMatch(/^deleted .* freed$/m);
  expect((await cli(['models', 'prepared'], env)).stdout).toMatch(/^nothing is prepared$/m);
});
