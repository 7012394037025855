/** Every command with its options: what the command line parses and its reference is made from. */
import { Command } from 'commander';
import { readableText } from '../protocol';
import { addEvalCommands } from './eval-command';
import { addEvalsCommand } from './evals-command';
import { addGradeCommand } from './grade-command';
import { addModelsCommand } from './models-command';
import { addRunCommand } from './run-command';
import { addRunsCommand } from './runs-command';
import { addServeCommand } from './serve-command';

export function createProgram(): Command {
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
  addRunsCommand(program);
  addModelsCommand(program);
  addGradeCommand(program);
  addServeCommand(program);
  return program;
}
