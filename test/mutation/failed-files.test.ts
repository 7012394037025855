/** What fails around tests counts as theirs. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createVitest } from 'vitest/node';
import { temporaryFolder } from '../../fixtures/runs';
import { FailedFiles } from './failed-files';

const folder = temporaryFolder();

async function statesOf(name: string, text: string): Promise<(string | undefined)[]> {
  writeFileSync(join(folder, `${name}.test.js`), text);
  const options = { config: false, root: folder, globals: true, watch: false } as const;
  const vitest = await createVitest('test', { ...options, reporters: [new FailedFiles()] });
  await vitest.start([`${name}.test.js`]);
  const [file] = vitest.state.getFiles();
  await vitest.close();
  return file!.tasks.map(({ result }) => result?.state);
}

it.each(['beforeAll', 'afterAll'])('%s that fails fails every test of its file', async (hook) => {
  const text = `${hook}(() => { throw new Error('no file'); }); it('one', () => {}); it('two', () => {});`;
  expect(await statesOf(hook, text)).toEqual(['fail', 'fail']);
});

it('a test that fails fails no other', async () => {
  const text = "it('one', () => { throw new Error('one'); }); it('two', () => {});";
  expect(await statesOf('one', text)).toEqual(['fail', 'pass']);
});
