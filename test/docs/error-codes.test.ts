/** docs/troubleshooting.md lists every code that the source can tell of, and none that it cannot. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const CODE = '[a-z]+(?:-[a-z0-9]+)*';

/** Every call that makes an error, with its first argument, or the second where the kind comes first. */
const MADE =
  /\b(?:badInput|failure|refused|new TransientError|new EngineError)\(\s*(?:'(?:input|failure)',\s*)?([^,()]+?)\s*[,)]/g;
const NAMED = new RegExp(`\\bcode: '(${CODE})'`, 'g');
/** Codes that other modules ask for by a name. */
const CONSTANT = new RegExp(`\\bconst (?:CANCELLED|INTERRUPTED|GAP) = '(${CODE})'`, 'g');
/** A code that came with another error, or the declaration of a function that makes one. */
const PASSED_ON = /^(?:(?:error|last|parsed)\.\w+|\{ issues.*|code(?:: string)?|kind|CANCELLED)$/;
/** The engine tells these by the names of what it measured: engine/api/active-runs.ts. */
const MEASURED = ['device', 'arithmetic', 'rounding'];

function sources(room: string): string[] {
  return readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => readFileSync(join(ROOT, room, file), 'utf8'));
}

function codesOfSource(): { codes: Set<string>; unread: string[] } {
  const codes = new Set(MEASURED);
  const unread: string[] = [];
  for (const text of ['engine', 'electron', 'renderer'].flatMap(sources)) {
    for (const [, written = ''] of text.matchAll(MADE)) {
      const [, code] = new RegExp(`^'(${CODE})'$`).exec(written) ?? [];
      if (code !== undefined) codes.add(code);
      else if (!PASSED_ON.test(written)) unread.push(written);
    }
    for (const [, code = ''] of [...text.matchAll(NAMED), ...text.matchAll(CONSTANT)]) codes.add(code);
  }
  return { codes, unread };
}

function codesOfPage(): string[] {
  const page = readFileSync(join(ROOT, 'docs/troubleshooting.md'), 'utf8');
  return page
    .split('\n')
    .map((line) => /^\| (`.*?`) \|/.exec(line)?.[1] ?? '')
    .flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code));
}

it('lists the codes of the source, each once', () => {
  const { codes, unread } = codesOfSource();
  expect(unread, 'what makes an error without a code that can be read here').toEqual([]);
  expect(codes.size).toBeGreaterThan(150);
  expect(codesOfPage().toSorted()).toEqual([...codes].toSorted());
});
