/** Every wrong option of `models` is bad input in one line, before anything is asked of the hub. */
import { join } from 'node:path';
import { Command } from 'commander';
import { expect, it, vi } from 'vitest';
import { addModelsCommand } from '../../engine/cli/models-command';
import { temporaryFolder } from '../../fixtures/runs';

const folder = temporaryFolder();

/** As the process does, but for exit codes and output. */
async function run(...args: string[]): Promise<unknown> {
  vi.stubEnv('HF_HOME', join(folder, 'home'));
  vi.stubEnv('SLOT_STUDIO_DATA', join(folder, 'data'));
  // What is asked of the hub all the same would show.
  vi.stubEnv('HF_HUB_OFFLINE', '1');
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {}, outputError: () => {} });
  addModelsCommand(program);
  return program.parseAsync(['models', ...args], { from: 'user' }).then(
    () => undefined,
    (error: unknown) => error,
  );
}

it.each<[string, string[], RegExp]>([
  ['a name that is no id', ['pull', 'tiny'], /id: not of the form organisation\/name/],
  ['a name that climbs', ['pull', '../etc'], /id: not of the form/],
  ['a name with dots inside', ['pull', 'some-org/a..b'], /id: not a name that the hub allows/],
  ['a name with two parts more', ['rm', 'some-org/a/b'], /id: not of the form/],
  ['a revision that climbs', ['pull', 'some-org/tiny', '--revision', 'a/../../b'], /revision: not a branch/],
  ['a dtype that is a path', ['pull', 'some-org/tiny', '--dtype', '../q4'], /dtype: letters/],
  ['a limit that is none', ['search', 'x', '--limit', 'many'], /limit: /],
  ['an empty search', ['search', ' '], /query: /],
  ['a folder that is not there', ['inspect', join(folder, 'gone')], /gone is not there/],
])('%s', async (_, args, message) => {
  const error = await run(...args);
  expect(error).toMatchObject({
    name: 'EngineError',
    kind: 'input',
    message: expect.stringMatching(message),
  });
  expect((error as Error).message).not.toContain('\n');
});
