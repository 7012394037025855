/** A process that is killed while it prepares a model, and one that waits for it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { prepare } from '../../../engine/checkpoint/prepare/prepare';
import { listPrepared } from '../../../engine/checkpoint/prepare/prepared-list';
import { HALTED, hollowCheckpoint, SCHEME, writeHollow } from './hollow';
import { optionsFor, temporary } from './support';

let child: ChildProcess | undefined;
afterEach(() => child?.kill('SIGKILL'));

it('leaves no half of it under its name, and is followed at once by whoever waits', async () => {
  const [folder, cache] = [temporary(), temporary()];
  const file = join(folder, 'model.safetensors');
  const checkpoint = hollowCheckpoint(file);
  writeHollow(file, 2 ** 24);
  const script = join(import.meta.dirname, 'stopped-child.ts');
  const running = spawn(process.execPath, ['--import', 'tsx', script, file, cache], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child = running;
  const [told] = await once(running.stdout, 'data');
  expect(String(told)).toBe(HALTED);
  expect(readdirSync(cache)).toEqual([expect.stringMatching(/^[0-9a-f]{32}\..*\.incomplete$/)]);
  expect(listPrepared(cache)).toEqual([]);

  const phases = new Set<string>();
  const onProgress = ({ phase }: { readonly phase: string }) => {
    phases.add(phase);
    if (phase === 'waiting') running.kill('SIGKILL');
  };
  const { key, release } = await prepare(checkpoint, SCHEME, optionsFor(cache, onProgress));
  release();
  expect([...phases]).toEqual(['waiting', 'preparing']);
  expect(readdirSync(cache)).toEqual([key]);
  // 9 bits a weight.
  expect(statSync(join(cache, key, 'weights.bin')).size).toBe(2 ** 23 * (1 + 1 / 8));
});
