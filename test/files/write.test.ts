/** Files whole or not at all, private, and patient where Windows refuses for a moment. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { withRetries } from '../../engine/files/retries';
import { createFolder, remove, rename, writeWhole } from '../../engine/files/write';
import { temporaryFolder } from '../../fixtures/runs';

const folder = temporaryFolder();

function refusal(code: string): Error {
  return Object.assign(new Error(`${code}: operation not permitted`), { code });
}

/** Fails so many times, then succeeds. */
function failing(times: number, code: string) {
  let calls = 0;
  const work = () => {
    calls++;
    if (calls <= times) throw refusal(code);
    return calls;
  };
  return work;
}

function machine(platform: NodeJS.Platform) {
  const slept: number[] = [];
  return { platform, slept, sleep: (ms: number) => slept.push(ms) };
}

it.each(['EPERM', 'EBUSY', 'EACCES', 'ENOTEMPTY'])('tries again on Windows after %s', (code) => {
  const windows = machine('win32');
  expect(withRetries(failing(3, code), windows)).toBe(4);
  expect(windows.slept).toHaveLength(3);
});

it('gives up in the end, with the system’s own error', () => {
  const windows = machine('win32');
  expect(() => withRetries(failing(100, 'EBUSY'), windows)).toThrow(/^EBUSY/);
  expect(windows.slept.reduce((sum, ms) => sum + ms)).toBeLessThan(2_000);
});

it.each([
  ['win32', 'ENOENT'],
  ['win32', 'ENOSPC'],
  ['linux', 'EACCES'],
  ['darwin', 'EPERM'],
] as const)('does not wait on %s for what %s will not change', (platform, code) => {
  const other = machine(platform);
  expect(() => withRetries(failing(1, code), other)).toThrow(code);
  expect(other.slept).toEqual([]);
});

it('replaces a file by a whole one that nobody else can read, and leaves nothing beside it', () => {
  const path = join(folder, 'whole', 'state.json');
  createFolder(join(folder, 'whole'));
  writeWhole(path, 'one');
  writeWhole(path, [Buffer.from('tw'), Buffer.from('o')]);
  expect(readFileSync(path, 'utf8')).toBe('two');
  expect(readdirSync(join(folder, 'whole'))).toEqual(['state.json']);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'whole')).mode & 0o777).toBe(0o700);
});

it('leaves what stood there, and nothing else, where the new file cannot take its place', () => {
  const place = join(folder, 'taken');
  mkdirSync(join(place, 'state.json', 'full'), { recursive: true });
  expect(() => writeWhole(join(place, 'state.json'), 'new')).toThrow(/EISDIR|EPERM|ENOTEMPTY/);
  expect(readdirSync(place)).toEqual(['state.json']);
  expect(() => writeWhole(join(folder, 'nowhere', 'state.json'), 'new')).toThrow(/ENOENT/);
});

it('removes a link and not what it leads to', () => {
  const kept = join(folder, 'kept');
  mkdirSync(kept);
  writeFileSync(join(kept, 'file'), 'here');
  for (const [name, target] of [
    ['link', kept],
    ['dangling', join(folder, 'gone')],
  ] as const) {
    symlinkSync(target, join(folder, name));
    remove(join(folder, name));
    expect(readdirSync(folder)).not.toContain(name);
  }
  expect(existsSync(join(kept, 'file'))).toBe(true);
  remove(join(folder, 'never-there'));
  rename(kept, join(folder, 'moved'));
  expect(readFileSync(join(folder, 'moved', 'file'), 'utf8')).toBe('here');
});

it('creates a folder, and says so where there can be none', () => {
  const deep = join(folder, 'a', 'b', 'c');
  createFolder(deep);
  createFolder(deep);
  expect(statSync(join(folder, 'a')).mode & 0o777).toBe(0o700);
  writeFileSync(join(folder, 'file'), '');
  symlinkSync(join(folder, 'gone'), join(folder, 'broken'));
  for (const name of ['file', 'file/deep', 'broken', 'broken/deep']) {
    expect(() => createFolder(join(folder, name)), name).toThrow(/EEXIST|ENOTDIR/);
  }
});

it.runIf(process.platform === 'linux')('takes a file system’s no for an answer', () => {
  // It says ENOENT, upon which Node's own recursion looks at the folder above, which is there, and tries again.
  expect(() => createFolder('/proc/slot-studio/runs')).toThrow(/ENOENT.*mkdir '\/proc\/slot-studio'/);
});
