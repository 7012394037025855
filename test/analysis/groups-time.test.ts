/** A pattern that backtracks without an end stops, and says whose it is. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { resolveGroups } from '../../engine/analysis/groups';
import { readTokenizer } from '../../engine/model/folder-parts';
import { Tokenizer } from '../../engine/tokenizer/tokenizer';
import { temporaryFolder } from '../../fixtures/runs';

/** The limits of groups, in milliseconds, a hundredth as long. */
const limits = vi.hoisted((): number[] => []);
/** Whether the time of all groups together is over at once. */
const all = vi.hoisted(() => ({ areLate: false }));
vi.mock('../../engine/limits/time-limit', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../engine/limits/time-limit')>();
  const withinTime: typeof original.withinTime = (ms, work, late) => {
    limits.push(ms);
    // The tokenizer's own limit is as long.
    const error = all.areLate && ms === 30_000 ? late() : undefined;
    if (error?.code === 'group-pattern') throw error;
    return original.withinTime(ms === 10_000 ? 100 : ms, work, late);
  };
  return { ...original, withinTime };
});

function tokenizerOfTwo(): Tokenizer {
  const path = join(temporaryFolder(), 'long');
  mkdirSync(path);
  const vocab = { a: 0, [`${'a'.repeat(60)}b`]: 1 };
  const json = { version: '1.0', model: { type: 'WordLevel', vocab, unk_token: 'a' } };
  writeFileSync(join(path, 'tokenizer.json'), JSON.stringify(json));
  return new Tokenizer({ path, tokenizer: readTokenizer(path, undefined) });
}

it('is refused by the group’s name, whatever the others are', () => {
  const tokenizer = tokenizerOfTwo();
  const groups = [
    { name: 'fine', words: ['a'] },
    { name: 'endless', words: [], pattern: '^(a+)+$' },
  ];
  limits.length = 0;
  expect(() => resolveGroups(tokenizer, 2, [], groups)).toThrow(
    expect.objectContaining({
      kind: 'input',
      code: 'group-pattern',
      message: 'token group "endless": its pattern takes more than 10 s',
    }),
  );
  // All groups together, and each pattern.
  expect(new Set(limits)).toEqual(new Set([30_000, 10_000]));
  const fine = resolveGroups(tokenizer, 2, [], [{ name: 'fine', words: [], pattern: '^a+b$' }]);
  expect(fine.at(-1)?.ids).toEqual([1]);
});

it('is refused together with the others where all take too long', () => {
  all.areLate = true;
  const many = Array.from({ length: 40 }, (_, i) => ({ name: `${i}`, words: ['a'] }));
  expect(() => resolveGroups(tokenizerOfTwo(), 2, [], many)).toThrow(
    expect.objectContaining({
      kind: 'input',
      code: 'group-pattern',
      message: 'the token groups take more than 30 s',
    }),
  );
  all.areLate = false;
});
