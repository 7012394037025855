/** The shell blocks of the pages, and the commands that bash makes of them. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

/** What a block may need that a test does not have; docs/README.md says it to the reader. */
export const NEEDS = ['network', 'yours', 'time', 'machine'] as const;

export interface Block {
  /** File and line, for messages. */
  readonly at: string;
  /** What stands behind `sh`: nothing where the test executes the block. */
  readonly needs: string;
  readonly text: string;
}

/** From the repository's root, its own pages alone. */
export function pages(): string[] {
  const docs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' });
  const inDocs = docs.filter((file) => file.endsWith('.md')).map((file) => join('docs', file));
  return ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...inDocs].toSorted();
}

export function shellBlocks(page: string): Block[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^( *)```(?:sh|bash)([^\n]*)\n([\s\S]*?)^ *```$/gm)].map((found) => ({
    at: `${relative('.', page)}:${text.slice(0, found.index).split('\n').length}`,
    needs: found[2]!.trim(),
    text: found[3]!.replaceAll(new RegExp(`^${found[1]}`, 'gm'), ''),
  }));
}

/** Bash 4 hands over commands that it does not find; a Mac's own is older, and Windows may have none. */
export const hasBash = spawnSync('bash', ['-c', '((BASH_VERSINFO[0] >= 4))']).status === 0;

/**
 * Bash reads the block with no program in its path: every command that it would start is taken down instead,
 * with its arguments as bash has split them.
 * @param folder where the block writes its files
 * @throws where bash cannot read it
 */
export function commandsOf({ at, text }: Block, folder: string): string[][] {
  const script = `
    command_not_found_handle() { printf '%s\\0' "$@" >&3; printf '\\n\\0' >&3; }
    PATH=/nowhere
    ${text}`;
  const { status, stderr, output } = spawnSync('bash', ['-c', script], {
    cwd: folder,
    env: { HOME: folder },
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  if (status !== 0) throw new Error(`${at}: bash ends with ${status}: ${stderr}`);
  const words = (output[3] ?? '').split('\0').slice(0, -1);
  const commands: string[][] = [];
  let command: string[] = [];
  for (const word of words) {
    if (word !== '\n') command.push(word);
    else {
      commands.push(command);
      command = [];
    }
  }
  return commands;
}

const CLI = ['npm', 'run', '-s', 'cli', '--'];

/** The arguments of the command line; undefined where the command is another. */
export function cliArguments(command: readonly string[]): string[] | undefined {
  return CLI.every((word, index) => command[index] === word) ? command.slice(CLI.length) : undefined;
}
