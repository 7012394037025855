/** The options of `eval` and `sweep`: data, form, graders, generation. */
import type { Command } from 'commander';
import { DATASET_NAMES, DatasetFormat, DEVICES, GraderName, PRESETS, PROMPT_FORMS } from '../protocol';
import { DELTA_HELP } from './given-deltas';
import { LANES_HELP } from './lanes';
import { ARITHMETIC_HELP, BASELINE_SERVER_HELP, HEAD_HELP, SERVER_HELP } from './option-values';
import { addPromptOptions, collect } from './prompt-options';

/** As commander leaves them. */
export interface EvalOptions {
  readonly model?: string;
  readonly server?: string;
  readonly baselineServer?: string;
  readonly head?: string;
  readonly dtype?: string;
  readonly device: string;
  readonly memorySaver?: boolean;
  readonly arithmetic: string;
  readonly data?: string;
  readonly split?: string;
  readonly format?: string;
  readonly columns?: string;
  readonly goldAfter?: string;
  readonly skipBroken?: boolean;
  readonly limit?: string;
  readonly offset: string;
  readonly shuffle?: string;
  readonly half?: string;
  readonly salt: string;
  readonly form?: string;
  readonly user?: string;
  readonly system?: string;
  readonly stop: readonly string[];
  readonly rawForm?: boolean;
  readonly templateVar?: readonly string[];
  readonly templateDate?: string;
  readonly graders?: string;
  readonly pattern?: string;
  readonly refuseRejected?: boolean;
  readonly maxNewTokens?: string;
  readonly temperature: string;
  readonly topP: string;
  readonly seed: string;
  readonly ignoreEos?: boolean;
  readonly samples: string;
  readonly passAt?: string;
  readonly rows: string;
  /** Of `eval`. */
  readonly lanes?: string;
  readonly delta?: readonly string[];
  readonly withControls?: boolean;
  readonly meanOf?: string;
  /** Of `sweep`. */
  readonly steps?: string;
  readonly lr?: string;
  readonly presets?: string;
  readonly weightDecay?: string;
  readonly halves?: boolean;
}

/** New tokens where the form has no usual cap. */
export const DEFAULT_CAP = 512;

export function addDataOptions(command: Command): Command {
  return command
    .option(
      '--model <model>',
      'a model folder, a .gguf or ONNX file, a hub id, or ollama:name (default: the starter model)',
    )
    .option('--server <url>', SERVER_HELP)
    .option('--baseline-server <url>', BASELINE_SERVER_HELP)
    .option('--head <model>', HEAD_HELP)
    .option('--dtype <dtype>', 'weights to use, as in the file name: fp32, fp16, …')
    .option('--device <device>', `where the model runs: ${DEVICES.join(', ')}`, 'cpu')
    .option('--memory-saver', 'less private memory, slower')
    .option('--arithmetic <arithmetic>', ARITHMETIC_HELP, 'exact')
    .option('--data <data>', `a data set (${DATASET_NAMES.join(', ')}), or a JSONL, CSV or Parquet file`)
    .option('--split <name>', 'of a named data set (default: the one that results are reported on)')
    .option(
      '--format <format>',
      `of the file (${DatasetFormat.options.join(', ')}), where its name does not say`,
    )
    .option('--columns <columns>', 'of the file: question=…,answer=…,choices=…,subject=…,system=…,id=…')
    .option('--gold-after <text>', 'the gold answer is what follows this text')
    .option('--skip-broken', 'leave rows out that cannot be read')
    .option('--limit <n>', 'how many problems')
    .option('--offset <n>', 'leave out the first so many', '0')
    .option('--shuffle <seed>', 'in an order of this seed')
    .option('--half <half>', 'one half of the problems by hash: choose or report')
    .option('--salt <text>', 'of that hash', '')
    .option('--form <form>', `how problems are asked: ${PROMPT_FORMS.join(', ')} (default: what is usual)`)
    .option('--user <template>', 'a form of your own, with {{question}}, {{choices}}, {{subject}}')
    .option('--system <template>', 'its system message')
    .option('--stop <text>', 'a text that ends its answers; may be repeated', collect, [])
    .option('--raw-form', 'its text goes to the model without the chat template')
    .option('--template-var <name=value>', 'a name for the chat template; may be repeated', collect)
    .option('--template-date <date>', "the day that the chat template writes (default: today's)")
    .option('--graders <names>', `by commas, the headline first: ${GraderName.options.join(', ')}`)
    .option('--pattern <regexp>', 'of the grader regex')
    .option('--refuse-rejected', 'stop where a gold answer is rejected by its own grader')
    .option(
      '--max-new-tokens <n>',
      `longest answer, in tokens (default: that of the form, else ${DEFAULT_CAP}; of one prompt 256)`,
    )
    .option('--temperature <x>', '0 is greedy', '0')
    .option('--top-p <x>', 'sample from the most probable tokens that hold this mass', '1')
    .option('--seed <n>', 'of the draws, together with sample and problem', '0')
    .option('--ignore-eos', 'write on after an end token')
    .option('--samples <n>', 'answers to each problem', '1')
    .option('--pass-at <k>', 'pass@k by commas, of at most so many samples')
    .option('--rows <n>', 'answers that are decoded together', '8');
}

export function addLaneOptions(command: Command): Command {
  return command
    .option('--lanes <lanes>', LANES_HELP, 'baseline,slot:5x0.1')
    .option('--delta <name=source>', DELTA_HELP, collect)
    .option('--with-controls', 'add random, minus, other, template, mean and temperature lanes')
    .option('--mean-of <n>', 'problems besides those asked, that a mean delta is taken over (default: 20)');
}

export function addSweepOptions(command: Command): Command {
  return addPromptOptions(command)
    .option('--save', 'keep the runs of a prompt: events and delta')
    .option('--steps <steps>', 'optimisation steps, by commas or as a range', '0..5')
    .option('--lr <rates>', 'learning rates, by commas', '0.01,0.03,0.1,0.3')
    .option(
      '--presets <presets>',
      `reference settings of AdamW, by commas: ${PRESETS.join(', ')}`,
      'transformers',
    )
    .option('--weight-decay <values>', "in place of the preset's, by commas")
    .option('--lanes <lanes>', 'lanes in place of the grid, as eval takes them')
    .option('--delta <name=source>', DELTA_HELP, collect)
    .option('--no-halves', 'ask every problem with every setting, and correct for the choice by Holm alone');
}
