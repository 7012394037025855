/** models.json: shared by processes, mended entry by entry, and nobody else's to read. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { withLock } from '../../engine/files/lock';
import { Remembered } from '../../engine/hub/remembered';
import { temporaryFolder } from '../../fixtures/runs';

const folder = temporaryFolder();
const PULL = { id: 'some/model', revision: 'main', dtype: 'fp32' };

/** A data folder whose models.json says this. */
function dataFolder(name: string, text?: string): string {
  const data = join(folder, name);
  mkdirSync(data);
  if (text !== undefined) writeFileSync(join(data, 'models.json'), text);
  return data;
}

/** A process id that no process has. */
async function deadPid(): Promise<number> {
  const child = fork('--version', { execArgv: ['-e', ''], silent: true });
  await once(child, 'exit');
  return child.pid!;
}

it('keeps every folder that two processes add at once', async () => {
  const data = dataFolder('shared');
  const adders = [0, 20].map((first) =>
    fork(join(import.meta.dirname, 'folder-adder.ts'), [data, String(first), '20'], {
      execArgv: ['--import', 'tsx'],
    }),
  );
  await Promise.all(adders.map((adder) => once(adder, 'message')));
  for (const adder of adders) adder.send('go');
  const codes = await Promise.all(adders.map(async (adder) => (await once(adder, 'exit'))[0]));
  expect(codes).toEqual([0, 0]);
  const expected = Array.from({ length: 40 }, (_, i) => `/models/${i}`);
  expect([...new Remembered(data).read().folders].sort()).toEqual(expected.sort());
  expect(readdirSync(data)).toEqual(['models.json']);
});

it('loses one bad entry and no other, and keeps the file as it was', () => {
  const text = JSON.stringify({
    folders: ['/a', 7, '/b'],
    pulls: [{ ...PULL, files: [] }, { id: '../x' }, null],
  });
  const data = dataFolder('bad-entry', text);
  const remembered = new Remembered(data);
  expect(remembered.read()).toEqual({ folders: ['/a', '/b'], pulls: [{ ...PULL, files: [] }] });
  remembered.addFolder('/c');
  expect(remembered.read()).toEqual({ folders: ['/a', '/b', '/c'], pulls: [{ ...PULL, files: [] }] });
  expect(readFileSync(join(data, 'models.damaged.json'), 'utf8')).toBe(text);
});

it('tells downloads apart by model, revision and dtype, and keeps the files of the last that began', () => {
  const remembered = new Remembered(dataFolder('pulls'));
  const file = (path: string) => ({ path, bytes: 1, blob: 'e'.repeat(40) });
  const others = [{ id: 'some/other' }, { revision: 'v1' }, { dtype: null }].map((each) => ({
    ...PULL,
    ...each,
  }));
  for (const key of [PULL, ...others]) remembered.beginPull(key, [file('old')]);
  remembered.beginPull(PULL, [file('new')]);
  const left = () => remembered.read().pulls.map(({ files, ...key }) => [key, files.map(({ path }) => path)]);
  expect(left()).toEqual([...others.map((key) => [key, ['old']]), [PULL, ['new']]]);
  remembered.endPull(PULL);
  expect(left()).toEqual(others.map((key) => [key, ['old']]));
  for (const key of others) remembered.endPull(key);
  expect(left()).toEqual([]);
});

it('keeps a folder once, and forgets it and no other', () => {
  const remembered = new Remembered(dataFolder('folders'));
  for (const path of ['/a', '/b', '/a']) remembered.addFolder(path);
  expect(remembered.read().folders).toEqual(['/a', '/b']);
  remembered.forgetFolder('/a');
  expect(remembered.read().folders).toEqual(['/b']);
});

it('leaves a list that a newer version wrote as it is', () => {
  const text = JSON.stringify({ v: 2, folders: ['/a'] });
  const data = dataFolder('newer', text);
  expect(() => new Remembered(data).addFolder('/b')).toThrow(/written in format 2, this version writes 1/);
  expect(readdirSync(data)).toEqual(['models.json']);
  expect(readFileSync(join(data, 'models.json'), 'utf8')).toBe(text);
});

it.each([
  ['not JSON', '{"folders": ["/a"'],
  ['a list', '["/a"]'],
  ['null', 'null'],
  ['empty', ''],
])('starts anew where the file is %s, and keeps what was there', (name, text) => {
  const data = dataFolder(name, text);
  const remembered = new Remembered(data);
  expect(remembered.read().folders).toEqual([]);
  remembered.addFolder('/c');
  expect(remembered.read().folders).toEqual(['/c']);
  expect(readFileSync(join(data, 'models.damaged.json'), 'utf8')).toBe(text);
});

it.skipIf(process.platform === 'win32')('writes for its owner alone', () => {
  const data = join(folder, 'private', 'data');
  new Remembered(data).addFolder('/a');
  expect(statSync(join(data, 'models.json')).mode & 0o777).toBe(0o600);
  expect(statSync(data).mode & 0o777).toBe(0o700);
});

it('does not overwrite a list that it cannot read', () => {
  const data = dataFolder('folder-instead');
  mkdirSync(join(data, 'models.json'));
  const remembered = new Remembered(data);
  expect(remembered.read().folders).toEqual([]);
  expect(() => remembered.addFolder('/c')).toThrow(/models\.json is not a file/);
  expect(readdirSync(data)).toEqual(['models.json']);
});

it('takes over the lock of a process that is gone, here or on another machine', async () => {
  const data = dataFolder('stale');
  const lock = join(data, 'models.json.lock');
  writeFileSync(lock, JSON.stringify({ host: hostname(), pid: await deadPid(), id: 'x' }));
  new Remembered(data).addFolder('/a');
  expect(existsSync(lock)).toBe(false);

  // On another machine it cannot be asked: its age decides.
  writeFileSync(lock, JSON.stringify({ host: 'elsewhere', pid: 1, id: 'x' }));
  const long = new Date(Date.now() - 60_000);
  utimesSync(lock, long, long);
  new Remembered(data).addFolder('/b');
  expect(new Remembered(data).read().folders).toEqual(['/a', '/b']);
  expect(readdirSync(data)).toEqual(['models.json']);
});

it('frees a lock after a failure, and leaves one that became another’s', () => {
  const lock = join(dataFolder('failing'), 'lock');
  const fail = () => {
    throw new Error('broken');
  };
  expect(() => withLock(lock, fail)).toThrow('broken');
  expect(existsSync(lock)).toBe(false);
  withLock(lock, () => writeFileSync(lock, 'another'));
  expect(readFileSync(lock, 'utf8')).toBe('another');
});
