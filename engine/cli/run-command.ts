/** `run`: one prompt through the baseline and SLOT, as JSON lines or as a report to read. */
import type { Command } from 'commander';
import { badInput, DEVICES, type GroupMembers, readMembers, samplesProblem } from '../protocol';
import { answerPrompt, tellOfFinalNewline } from './answer-prompt';
import { readDeltas } from './given-deltas';
import { addLaneOptions, type LaneOptions, readLanes } from './lane-options';
import { ARITHMETIC_HELP, BASELINE_SERVER_HELP, HEAD_HELP, number, SERVER_HELP } from './option-values';
import { addPromptOptions, collect, type PromptOptions, readPrompt } from './prompt-options';
import { Report } from './report';
import { runConfig, type SharedOptions } from './run-config';
import { withEngine } from './with-engine';

/** The options as commander leaves them: strings, checked by the contract's own schemas. */
interface RunOptions extends PromptOptions, LaneOptions, SharedOptions {
  readonly maxNewTokens: string;
  readonly listLength: string;
  readonly samples?: string;
  readonly explain?: readonly string[];
  readonly group: readonly string[];
  readonly json?: boolean;
  readonly save?: boolean;
}

export function addRunCommand(program: Command): void {
  const command = program
    .command('run')
    .description('answer a prompt twice, baseline and SLOT, and show what SLOT moved');
  addPromptOptions(command)
    .option(
      '--model <model>',
      'a model folder, a .gguf or ONNX file, a hub id in the cache, or ollama:name (default: the starter model)',
    )
    .option('--server <url>', SERVER_HELP)
    .option('--baseline-server <url>', BASELINE_SERVER_HELP)
    .option('--head <model>', HEAD_HELP)
    .option('--dtype <dtype>', 'weights to use, as in the file name: fp32, fp16, …')
    .option('--device <device>', `where the model runs: ${DEVICES.join(', ')}`, 'cpu')
    .option('--memory-saver', 'less private memory, slower')
    .option('--arithmetic <arithmetic>', ARITHMETIC_HELP, 'exact')
    .option('--system <text>', 'system message')
    .option(
      '--template-var <name=value>',
      'a name for the chat template, as JSON or text; may be repeated',
      collect,
    )
    .option('--template-date <date>', "the day that the chat template writes: 2024-07-26 (default: today's)");
  addLaneOptions(command)
    .option('--max-new-tokens <n>', 'longest answer, in tokens', '256')
    .option('--temperature <x>', '0 is greedy', '0')
    .option('--top-p <x>', 'sample from the most probable tokens that hold this mass', '1')
    .option('--seed <n>', 'seed of the draws, shared by all lanes', '0')
    .option(
      '--samples <n>',
      'answers of each lane, drawn with seeds from --seed on; needs a --temperature above 0',
    )
    .option('--ignore-eos', 'write on after an end token')
    .option('--stop <text>', 'a text that ends answers, which are cut before it; may be repeated', collect)
    .option(
      '--explain <token>',
      'tell which prompt tokens shifted this token, such as " apples"; may be repeated',
      collect,
    )
    .option('--list-length <n>', 'length of the token lists', '20')
    .option(
      '--group <name=members>',
      'follow tokens of your own: name=word,word or name=/pattern/i; may be given again',
      (group: string, before: readonly string[]) => [...before, group],
      [],
    )
    .option('--json', 'print the events, one JSON object a line')
    .option('--save', 'keep the run: events and delta')
    .action(runCommand);
}

async function runCommand(options: RunOptions): Promise<void> {
  const prompt = await readPrompt(options);
  const report = options.json ? undefined : new Report(process.stdout, process.stderr);
  await withEngine(async (engine) => {
    const lanes = readLanes(options, prompt, await readDeltas(engine, options.delta));
    const config = runConfig(options, prompt, lanes, {
      listLength: number(options.listLength),
      groups: options.group.map(readGroup),
      ...(options.samples === undefined ? {} : { samples: number(options.samples) }),
      ...(options.explain ? { explain: [...options.explain] } : {}),
    });
    const problem = samplesProblem(config);
    if (problem !== undefined) throw badInput('bad-option', `--samples: ${problem}`);
    if (options.promptFile !== undefined) await tellOfFinalNewline(engine, config);
    await answerPrompt(engine, config, report, options.save);
  }, options);
}

/** `name=members`, in the notation of the window. */
export function readGroup(text: string): GroupMembers & { name: string } {
  const [, name = '', members = ''] = /^([^=]*)=?(.*)$/su.exec(text) ?? [];
  const read = readMembers(members);
  if (name.trim() !== '' && !('problem' in read)) return { name, ...read };
  const problem = 'problem' in read ? read.problem : 'Give it a name.';
  throw badInput(
    'bad-option',
    `--group ${text}: ${problem.replace(/\.$/, '')}`,
    'Write it as name=word,word or name=/pattern/i.',
  );
}
