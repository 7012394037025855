#!/usr/bin/env node
/** The command line: parses options, reports errors in one line, sets the exit code. */
import { CommanderError } from 'commander';
import { failureLine, readableText, toFailure } from '../protocol';
import { createProgram } from './program';

const program = createProgram();

// A reader that closes its end (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : report(error));
});
// Where nobody reads stderr the work is done all the same, and the exit code says how it went.
process.stderr.on('error', () => {});

try {
  await program.parseAsync();
} catch (thrown) {
  process.exitCode = report(thrown);
}

/** @returns the exit code: 2 for bad input, 1 for failures */
function report(thrown: unknown): number {
  // Commander has written its own line already; help is no error.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2;
  const failure = toFailure(thrown);
  process.stderr.write(`error: ${readableText(failureLine(failure)).replaceAll('\n', ' ')}\n`);
  return failure.kind === 'input' ? 2 : 1;
}
