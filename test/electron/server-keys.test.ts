/** Keys of servers lie encrypted on the disk, or not at all. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { ServerKeyring } from '../../electron/server-keys';
import { temporaryFolder } from '../../fixtures/runs';
import { world } from './stand-in/world';

const file = join(temporaryFolder(), 'server-keys.json');
const HERE = 'http://127.0.0.1:8080';
const THERE = 'https://llm.example.org';

afterEach(() => {
  world.hasKeychain = true;
});

it('are there at the next start, each for its address, and in no file as they are', () => {
  expect(new ServerKeyring(file).keep(HERE, 'secret-1')).toBe(true);
  new ServerKeyring(file).keep(THERE, 'secret-2');
  expect(new ServerKeyring(file).all()).toEqual([
    [HERE, 'secret-1'],
    [THERE, 'secret-2'],
  ]);
  expect(readFileSync(file, 'utf8')).not.toContain('secret');
  new ServerKeyring(file).keep(HERE, null);
  expect(new ServerKeyring(file).all()).toEqual([[THERE, 'secret-2']]);
});

it('are not kept where the system has no keychain, which is told', () => {
  world.hasKeychain = false;
  expect(new ServerKeyring(file).keep(HERE, 'secret-3')).toBe(false);
  expect(new ServerKeyring(file).all()).toEqual([]);
  world.hasKeychain = true;
  expect(new ServerKeyring(file).all().map(([address]) => address)).not.toContain(HERE);
});
