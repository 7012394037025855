/** `run`: one prompt through the baseline and SLOT, as JSON lines or as a report to read. */
import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { createEngine, type Engine } from '../api/engine';
import {
  type Arithmetic,
  badInput,
  DEVICES,
  type Device,
  EngineError,
  failure,
  type GroupMembers,
  PRESETS,
  RunConfig,
  type RunConfigInput,
  type RunEvent,
  readMembers,
  visibleJson,
} from '../protocol';
import { type LaneOptions, readLanes } from './lane-options';
import { LANES_HELP } from './lanes';
import { number } from './number';
import { ARITHMETIC_HELP } from './option-values';
import { preparingLine } from './preparing-line';
import {
  collect,
  type PromptOptions,
  readPrompt,
  readVariables,
  withoutFinalNewlineOf,
} from './prompt-options';
import { Report } from './report';

/** The options as commander leaves them: strings, checked by the contract's own schemas. */
interface RunOptions extends PromptOptions, LaneOptions {
  readonly model?: string;
  readonly dtype?: string;
  readonly device?: string;
  readonly memorySaver?: boolean;
  readonly arithmetic: string;
  readonly maxNewTokens: string;
  readonly temperature: string;
  readonly topP: string;
  readonly seed: string;
  readonly ignoreEos?: boolean;
  readonly listLength: string;
  readonly group: readonly string[];
  readonly json?: boolean;
  readonly save?: boolean;
}

export function addRunCommand(program: Command): void {
  program
    .command('run')
    .description('answer a prompt twice, baseline and SLOT, and show what SLOT moved')
    .option(
      '--model <model>',
      'a model folder, a .gguf or ONNX file, a hub id in the cache, or ollama:name (default: the starter model)',
    )
    .option('--dtype <dtype>', 'weights to use, as in the file name: fp32, fp16, …')
    .option('--device <device>', `where the model runs: ${DEVICES.join(', ')}`, 'cpu')
    .option('--memory-saver', 'less private memory, slower')
    .option('--arithmetic <arithmetic>', ARITHMETIC_HELP, 'exact')
    .option('--prompt <text>', 'the prompt')
    .option(
      '--prompt-file <file>',
      'a file that holds the prompt, in UTF-8 or as its mark says; - reads stdin',
    )
    .option('--trim-final-newline', 'leave out the newline that the file of the prompt ends with')
    .option('--messages <file>', 'a JSON file, or -: [{"role": "user", "content": "…"}, …]')
    .option('--system <text>', 'system message')
    .option(
      '--template-var <name=value>',
      'a name for the chat template, as JSON or text; may be repeated',
      collect,
    )
    .option('--template-date <date>', "the day that the chat template writes: 2024-07-26 (default: today's)")
    .option('--raw', 'tokenise the prompt as it is, without the chat template')
    .option('--lanes <lanes>', LANES_HELP, 'baseline,slot')
    .option('--with-controls', "add SLOT's controls: random deltas of its norm, minus, template, temperature")
    .option(
      '--other-prompt <text>',
      'for the lanes other (the first) and mean (all); may be repeated',
      collect,
    )
    .option('--preset <preset>', `reference settings of AdamW: ${PRESETS.join(' or ')}`, 'transformers')
    .option('--steps <n>', 'optimisation steps T', '5')
    .option('--lr <x>', 'learning rate', '0.1')
    .option('--weight-decay <x>', "AdamW's, in place of the preset's")
    .option('--max-new-tokens <n>', 'longest answer, in tokens', '256')
    .option('--temperature <x>', '0 is greedy', '0')
    .option('--top-p <x>', 'sample from the most probable tokens that hold this mass', '1')
    .option('--seed <n>', 'seed of the draws, shared by all lanes', '0')
    .option('--ignore-eos', 'write on after an end token')
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
  const config = await parseConfig(options);
  const engine = createEngine();
  engine.watchPreparing(preparingLine(process.stderr));
  const runId = randomUUID();
  let stop = () => {};
  const report = options.json ? undefined : new Report(process.stdout, process.stderr);
  let last: RunEvent | undefined;
  let notKept: string | undefined;
  try {
    const emit = (event: RunEvent) => {
      last = event;
      if (event.type === 'run.started') stop = cancelOnInterrupt(() => engine.cancel(runId));
      if (event.type === 'notice' && event.code === 'not-kept') notKept = event.message;
      if (report) report.show(event);
      // What must not reach a terminal is written as JSON's own escapes.
      else process.stdout.write(`${visibleJson(event)}\n`);
    };
    if (options.promptFile !== undefined) await tellOfFinalNewline(engine, config);
    await engine.run(runId, config, emit, options.save);
    finish(last);
    if (notKept !== undefined) throw failure('not-kept', notKept);
    if (options.save) process.stderr.write(`kept as run ${runId}\n`);
  } finally {
    stop();
    await engine.dispose();
  }
}

/** An editor's last newline is part of the prompt, though nobody wrote it: said beside the output, not in it. */
async function tellOfFinalNewline(engine: Engine, config: RunConfig): Promise<void> {
  const { model, prompt, template } = config;
  const trimmed = withoutFinalNewlineOf(prompt);
  if (trimmed === undefined) return;
  try {
    const { ids } = await engine.query('prompt.encode', { model, prompt, template });
    const { ids: fewer } = await engine.query('prompt.encode', { model, prompt: trimmed, template });
    // A template may trim it.
    if (ids.join() === fewer.join()) return;
    const made = ids.length - fewer.length;
    const what = made > 0 ? `makes ${made} ${made === 1 ? 'token' : 'tokens'}` : 'is part of a token';
    const advice = '--trim-final-newline leaves it out';
    process.stderr.write(`note: the file's final newline ${what} of the prompt; ${advice}\n`);
  } catch {
    // The run is about to say what is wrong.
  }
}

function finish(last: RunEvent | undefined): void {
  if (last?.type === 'run.failed') throw new EngineError(last.kind, last.code, last.message, last.hint);
  if (last?.type === 'run.cancelled') process.exitCode = 130;
}

async function parseConfig(options: RunOptions): Promise<RunConfig> {
  const prompt = await readPrompt(options);
  const config: RunConfigInput = {
    model: {
      folder: options.model ?? null,
      dtype: options.dtype ?? null,
      device: options.device as Device,
      memorySaver: options.memorySaver ?? false,
      arithmetic: options.arithmetic as Arithmetic,
    },
    prompt,
    template: { variables: readVariables(options.templateVar ?? []), date: options.templateDate ?? null },
    lanes: readLanes(options, prompt),
    generation: {
      maxNewTokens: number(options.maxNewTokens),
      temperature: number(options.temperature),
      topP: number(options.topP),
      seed: number(options.seed),
      ignoreEos: options.ignoreEos ?? false,
    },
    listLength: number(options.listLength),
    groups: options.group.map(readGroup),
  };
  const parsed = RunConfig.safeParse(config);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  const field = path[0] === 'template' ? String(path[1]) : String(path.at(-1));
  const option =
    OPTION_OF_FIELD.get(field) ?? field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw badInput('bad-option', `--${option}: ${message}`, 'See --help.');
}

/** `name=members`, in the notation of the window. */
function readGroup(text: string): GroupMembers & { name: string } {
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

/** Options whose names are not their fields'. */
const OPTION_OF_FIELD: ReadonlyMap<string, string> = new Map([
  ['folder', 'model'],
  ['variables', 'template-var'],
  ['date', 'template-date'],
]);

/**
 * First interrupt: stop the run at its next step or token. Second: leave at once, which an interrupt does by itself
 * before the run has begun: nothing would be heard while onnxruntime opens the model.
 */
function cancelOnInterrupt(cancel: () => void): () => void {
  let asked = false;
  const onInterrupt = () => {
    if (asked) process.exit(130);
    asked = true;
    cancel();
  };
  process.on('SIGINT', onInterrupt);
  return () => process.off('SIGINT', onInterrupt);
}
