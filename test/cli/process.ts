/** The command line as a process of its own. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * @param onOutput called with the child and all that it has written so far, whenever there is more of it
 * @param launcher a command that the process is started by
 */
export function cli(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  onOutput: (child: ReturnType<typeof spawn>, stdout: string, stderr: string) => void = () => {},
  launcher: readonly string[] = [],
): Promise<Finished> {
  const [command, ...rest] = [
    ...launcher,
    process.execPath,
    '--import',
    'tsx',
    'engine/cli/main.ts',
    ...args,
  ];
  const child = spawn(command!, rest, {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
    onOutput(child, output.stdout, output.stderr);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
    onOutput(child, output.stdout, output.stderr);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...output }));
  });
}
