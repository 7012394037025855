/** A checkout holds the bytes that were committed, on a system that turns LF into CRLF too. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
// The owner of the folder does not matter to what is only read.
const git = (...args: string[]) =>
  spawnSync('git', ['-C', ROOT, '-c', 'safe.directory=*', ...args], { encoding: 'utf8' });

/** @returns path → line ends in the index, and the attributes that rule a checkout */
function lineEnds(): { path: string; index: string; attributes: string }[] {
  return git('-c', 'core.autocrlf=true', 'ls-files', '--eol', '-z')
    .stdout.split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const [, index, attributes, path] = /^i\/(\S*)\s+w\/\S*\s+attr\/(.*?)\s*\t(.*)$/s.exec(line)!;
      return { path: path!, index: index!, attributes: attributes! };
    });
}

it.skipIf(git('rev-parse').status !== 0)('comes out of git with the line ends that it went in with', () => {
  const files = lineEnds();
  expect(files.length).toBeGreaterThan(500);
  const changed = files.filter(({ index, attributes }) => {
    if (attributes === '-text') return false;
    return attributes !== 'text=auto eol=lf' || index === 'crlf' || index === 'mixed';
  });
  expect(changed).toEqual([]);
  // What is compared byte by byte with another program's output.
  const exact = /^(test\/exports\/fixtures|test\/fixtures|assets\/starter\/model)\//;
  expect(
    files
      .filter(({ path, attributes }) => exact.test(path) && attributes !== '-text')
      .map(({ path }) => path),
  ).toEqual([]);
});
