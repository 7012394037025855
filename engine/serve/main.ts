/** The browser shell's own command line: `--port N`, `--no-open`. */
import { exitWith, parseServeArguments } from './arguments';
import { serve } from './serve';

try {
  await serve({
    ...parseServeArguments(process.argv.slice(2)),
    announce: (url) => `SLOT Studio: open ${url} in a browser (Ctrl+C stops).`,
  });
  process.exit(0);
} catch (thrown) {
  exitWith(thrown);
}
