import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const scratch = mkdtempSync(resolve('test/ci/scratch-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const LATE = `
  import { expect, it } from 'vitest';
  it('passes', () => new Promise((resolve) => { setTimeout(() => { throw new Error('too late'); }, 1); setTimeout(resolve, 50); }));
  it('fails', () => expect(1).toBe(2));
`;

describe('the outcome of a run', () => {
  it('names an error outside all tests, a failed test and a file that does not load', async () => {
    writeFileSync(join(scratch, 'late.test.js'), LATE);
    writeFileSync(join(scratch, 'broken.test.js'), 'import "./is-not-there";');
    writeFileSync(join(scratch, 'vitest.config.js'), 'export default {};');
    const file = join(scratch, 'outcome.json');
    const args = ['vitest', 'run', '--root', scratch, `--reporter=${resolve('test/ci/outcome-reporter.ts')}`];
    const code = await new Promise((done) => {
      const child = execFile('npx', args, { env: { ...process.env, OUTCOME_FILE: file } });
      child.on('exit', done);
    });
    expect(code).not.toBe(0);
    const { passed, failed, failures } = JSON.parse(readFileSync(file, 'utf8'));
    expect({ passed, failed }).toEqual({ passed: 1, failed: 3 });
    expect(failures.join('\n')).toMatch(/outside all tests: Error: too late[\s\S]*fails: expected 1 to be 2/);
    expect(failures.join('\n')).toMatch(/broken\.test\.js: .*is-not-there/);
  });
});
