/** The options of a command line that may end up serving the window in a browser. */
import { parseArgs } from 'node:util';
import { badInput, failureLine, toEngineError, toFailure } from '../protocol';

interface ServeArguments {
  /** 0: any free port. */
  port: number;
  /** Open the browser, where there is a display. */
  open: boolean;
}

/** Throws EngineError. */
export function parseServeArguments(args: readonly string[]): ServeArguments {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { port: { type: 'string', default: '0' }, 'no-open': { type: 'boolean', default: false } },
    });
    const port = Number(values.port);
    if (!/^\d+$/.test(values.port) || port > 65_535) {
      throw new Error(`--port ${values.port}: not a port number`);
    }
    return { port, open: !values['no-open'] };
  } catch (thrown) {
    throw badInput(
      'bad-option',
      toEngineError(thrown).message,
      'Known options: --port <0 to 65535>, --no-open.',
    );
  }
}

/** Says what went wrong in one line, and ends the process: 2 for bad input, 1 for failures. */
export function exitWith(thrown: unknown): never {
  const failure = toFailure(thrown);
  process.stderr.write(`${failureLine(failure)}\n`);
  process.exit(failure.kind === 'input' ? 2 : 1);
}
