/**
 * Every command of the pages: the command line's are executed with fewer problems and shorter answers, those that need
 * what a test does not have are parsed, and npm's name a script that there is. Those are executed by
 * test/e2e/documented-scripts.test.ts.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { createProgram } from '../../engine/cli/program';
import { temporaryFolder } from '../../fixtures/runs';
import { cliArguments, commandsOf, hasBash, NEEDS, pages, ROOT, shellBlocks } from './shell-blocks';

const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
const OWN_OF_NPM = ['ci', 'install', 'rebuild', 'start', 'test', 'version'];

const folder = temporaryFolder();
const commands = (hasBash ? pages() : []).flatMap((page) =>
  shellBlocks(page).flatMap((block) =>
    commandsOf(block, folder).map((command) => ({ ...block, command, line: command.join(' ') })),
  ),
);
const ofCli = commands.flatMap((each) => {
  const args = cliArguments(each.command);
  return args ? [{ ...each, args }] : [];
});
/** What ends only when it is told to is parsed like what cannot run here. */
const executed = ofCli.filter(
  ({ needs, args, line }, at) =>
    needs === '' && args[0] !== 'serve' && at === ofCli.findIndex((each) => each.line === line),
);
const parsed = ofCli.filter((each) => !executed.includes(each));

describe.skipIf(!hasBash)('the commands of the pages', () => {
  it('stand in blocks that say what they need by known words', () => {
    const needs = pages().flatMap((page) => shellBlocks(page).map(({ needs: written }) => written));
    expect(
      [...new Set(needs)].filter((need) => need !== '' && !NEEDS.some((known) => known === need)),
    ).toEqual([]);
    expect(executed.length).toBeGreaterThan(5);
  });

  it('of npm are scripts of this repository, and files that they start are there', () => {
    const unknown = commands.filter(({ command: [program, verb = '', ...rest] }) => {
      if (program === 'npm') return verb === 'run' ? !isScript(rest) : !OWN_OF_NPM.includes(verb);
      if (program === 'npx' && verb === 'tsx') return !existsSync(join(ROOT, rest[0] ?? ''));
      return false;
    });
    expect(unknown.map(({ at, line }) => `${at}: ${line}`)).toEqual([]);
  });

  it.each(parsed)('$at parses: $line', async ({ args }) => {
    await parse(args);
  });
});

function isScript(words: readonly string[]): boolean {
  const name = words.find((word) => !word.startsWith('-'));
  return name !== undefined && name in scripts;
}

/** Throws where an option is unknown, or a word too few or too many. */
async function parse(args: readonly string[]): Promise<void> {
  const program = createProgram();
  const silence = (command: Command) => {
    command.exitOverride().configureOutput({ writeOut: () => {}, outputError: () => {} });
    if (command.commands.length === 0) command.action(() => {});
    command.commands.forEach(silence);
  };
  silence(program);
  await program.parseAsync(args, { from: 'user' }).catch((error: unknown) => {
    if (!(error instanceof Error && 'exitCode' in error && error.exitCode === 0)) throw error;
  });
}

describe.skipIf(!hasBash)('what is executed', () => {
  let before = process.cwd();

  beforeAll(() => {
    before = process.cwd();
    const home = join(folder, 'home');
    mkdirSync(home);
    const folders = { SLOT_STUDIO_DATA: join(folder, 'data'), SLOT_STUDIO_CACHE: join(folder, 'cache') };
    const others = { HF_HOME: home, OLLAMA_MODELS: home, LLAMA_CACHE: home, HOME: home, HF_HUB_OFFLINE: '1' };
    for (const [name, value] of Object.entries({ ...folders, ...others })) vi.stubEnv(name, value);
    process.chdir(folder);
  });

  afterAll(() => {
    process.chdir(before);
    vi.unstubAllEnvs();
  });

  it.each(executed)('$at: $line', async ({ args }) => {
    let output = '';
    const write = (text: string | Uint8Array) => {
      output += String(text);
      return true;
    };
    const spies = [process.stdout, process.stderr].map((stream) =>
      vi.spyOn(stream, 'write').mockImplementation(write),
    );
    try {
      const program = createProgram();
      await program.parseAsync(shortened(program, args), { from: 'user' });
    } catch (error) {
      if (!(error instanceof Error && 'exitCode' in error && error.exitCode === 0)) throw error;
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
    expect(process.exitCode ?? 0, output).toBe(0);
    expect(output).not.toBe('');
  });
});

/** Four problems, answers of a few tokens, mean deltas of two prompts. */
const SHORT = { '--limit': '4', '--max-new-tokens': '8', '--mean-of': '2' };

function shortened(program: Command, args: readonly string[]): string[] {
  const options = program.commands.find((command) => command.name() === args[0])?.options ?? [];
  const taken = Object.entries(SHORT).filter(([name]) => options.some(({ long }) => long === name));
  // The last value of an option is the one that counts.
  return [...args, ...taken.filter(([name]) => name !== '--limit' || args.includes(name)).flat()];
}
