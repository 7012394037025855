/** The browser shell's own command line: `--port N`, `--no-open`. */
import { parseArgs } from 'node:util';
import { badInput, toEngineError } from '../protocol';
import { serve } from './serve';

function options(): { port: number; open: boolean } {
  try {
    const { values } = parseArgs({
      options: { port: { type: 'string', default: '0' }, 'no-open': { type: 'boolean', default: false } },
    });
    const port = Number(values.port);
    if (!/^\d+$/.test(values.port) || port > 65_535)
      throw new Error(`--port ${values.port}: not a port number`);
    return { port, open: !values['no-open'] };
  } catch (thrown) {
    throw badInput(
      'bad-option',
      toEngineError(thrown).message,
      'Known options: --port <0 to 65535>, --no-open.',
    );
  }
}

try {
  await serve({ ...options(), announce: (url) => `SLOT Studio: open ${url} in a browser (Ctrl+C stops).` });
  process.exit(0);
} catch (thrown) {
  const { kind, message, hint } = toEngineError(thrown);
  process.stderr.write(`${[message, hint].filter(Boolean).join('. ')}\n`);
  process.exit(kind === 'input' ? 2 : 1);
}
