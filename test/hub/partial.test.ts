/** Downloads that are not whole: which of them a new one goes on from, and what is left when it is given up. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { claimPartial, forgetPartial, partialSize, releasePartial } from '../../engine/hub/partial';
import { temporaryFolder } from '../../fixtures/runs';

const root = temporaryFolder();
const HASH = 'a'.repeat(40);
let folders = 0;
let blob: string;
beforeEach(() => {
  blob = join(root, String(++folders), 'blobs', HASH);
});

const host = hostname().replace(/[^\w-]/g, '_');
/** What a process that cannot be has left. */
const DEAD = `${host}~${2 ** 30}~1`;
const ALIVE = `${host}~${process.ppid}~1`;

function put(owner: string, content: string): string {
  const path = `${blob}.${owner}.incomplete`;
  mkdirSync(join(blob, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
}
const left = () => readdirSync(join(blob, '..')).sort();

it('the largest that nobody writes to is gone on from, and the others stay', () => {
  put('paused', '12');
  put(DEAD, '1234');
  put(ALIVE, '12345678');
  writeFileSync(`${blob}.incomplete`, 'of the hub’s own tools');
  writeFileSync(`${blob.slice(0, -1)}b.paused.incomplete`, 'of another blob');
  symlinkSync(`${blob}.incomplete`, `${blob}.link.incomplete`);
  expect(partialSize(blob, 10)).toBe(4);
  const own = claimPartial(blob);
  expect(readFileSync(own, 'utf8')).toBe('1234');
  expect(left()).not.toContain(`${HASH}.${DEAD}.incomplete`);
  expect(left()).toHaveLength(6);
  // Nor is what this process writes to anybody's.
  expect(partialSize(blob, 10)).toBe(2);
  forgetPartial(own);
  expect(partialSize(blob, 10)).toBe(4);
});

it('one as long as the file is gone on from, a longer one is not', () => {
  put('paused', '1234');
  expect(partialSize(blob, 4)).toBe(4);
  expect(partialSize(blob, 3)).toBe(0);
});

it('one that is given up is there for the next, with what had arrived', () => {
  const own = claimPartial(blob);
  expect(existsSync(own)).toBe(false);
  expect(partialSize(blob, 9)).toBe(0);
  // Nothing had arrived.
  releasePartial(own);
  expect(left()).toEqual([]);
  const next = claimPartial(blob);
  writeFileSync(next, '123');
  releasePartial(next);
  expect(left()).toEqual([`${HASH}.paused.incomplete`]);
  expect(partialSize(blob, 9)).toBe(3);
  expect(readFileSync(claimPartial(blob), 'utf8')).toBe('123');
});

it('one of another machine is taken over when it has not grown for ten minutes', () => {
  const path = put('elsewhere~1~1', '123');
  expect(partialSize(blob, 9)).toBe(0);
  const then = Date.now() / 1000 - 601;
  utimesSync(path, then, then);
  expect(partialSize(blob, 9)).toBe(3);
});
