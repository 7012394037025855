/** `serve`: the window in a browser, from this machine's loopback address. */
import type { Command } from 'commander';
import { parseServeArguments } from '../serve/arguments';
import { serve } from '../serve/serve';

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('serve the window to a browser on this machine')
    .option('--port <n>', 'port on 127.0.0.1 (0: any free one)', '0')
    .option('--no-open', 'do not open a browser')
    .action(async ({ port, open }: { port: string; open: boolean }) => {
      const options = parseServeArguments(['--port', port, ...(open ? [] : ['--no-open'])]);
      await serve({ ...options, announce: (url) => `SLOT Studio: open ${url} in a browser (Ctrl+C stops).` });
      process.exit(0);
    });
}
