/** What the workflows call is there, and none of them may do more than it needs. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const FOLDER = join(ROOT, '.github', 'workflows');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found]) => found!);

describe.each(readdirSync(FOLDER))('%s', (name) => {
  const text = readFileSync(join(FOLDER, name), 'utf8');

  it('runs scripts and files that exist', () => {
    for (const script of matches(text, /npm run (?:-s )?([\w:-]+)/g))
      expect(Object.keys(scripts)).toContain(script);
    for (const file of matches(text, /(?:npx tsx|python) ([\w./-]+)/g))
      expect(existsSync(join(ROOT, file)), file).toBe(true);
  });

  it('may read the repository, and no more unless a job says so', () => {
    expect(text).toMatch(/^permissions:\n {2}contents: read\n$/m);
    expect(matches(text, /(\w[\w-]*: write)/g)).toEqual(
      name === 'packages.yml' ? ['contents: write', 'id-token: write', 'attestations: write'] : [],
    );
  });

  it('takes actions of GitHub alone, at a version, and leaves no token in the checkout', () => {
    for (const action of matches(text, /uses: (\S+)/g)) expect(action).toMatch(/^actions\/[\w-]+@v\d+$/);
    expect(matches(text, /(actions\/checkout@)/g)).toHaveLength(
      matches(text, /(persist-credentials: false)/g).length,
    );
  });

  it('puts nothing of an event into a command', () => {
    const commands = matches(text, /run: (?:\|\n)?((?:.|\n {8,})*)/g).join('\n');
    expect(commands).not.toContain('${{');
  });
});
