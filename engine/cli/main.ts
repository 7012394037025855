/** The command line: parses options, reports errors in one line, sets the exit code. */
import { Command, CommanderError } from 'commander';
import { readableText, toEngineError } from '../protocol';
import { addEvalCommands } from './eval-command';
import { addEvalsCommand } from './evals-command';
import { addGradeCommand } from './grade-command';
import { addModelsCommand } from './models-command';
import { addRunCommand } from './run-command';
import { addServeCommand } from './serve-command';

const program = new Command('slot-studio')
  .description('SLOT on local language models: watch a test-time adaptation move token probabilities.')
  .addHelpText(
    'afterAll',
    '\nExit codes: 0 done, 1 failed, 2 bad input or a model that is refused, 130 interrupted',
  )
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(readableText(text)) });
addRunCommand(program);
addEvalCommands(program);
addEvalsCommand(program);
addModelsCommand(program);
addGradeCommand(program);
addServeCommand(program);

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
  const { kind, message, hint } = toEngineError(thrown);
  process.stderr.write(
    `error: ${readableText([message, hint].filter(Boolean).join('. ')).replaceAll('\n', ' ')}\n`,
  );
  return kind === 'input' ? 2 : 1;
}
