/** `sweep` over one prompt: each setting of the grid is a lane, and a run has as many as it can hold. */
import { badInput, MAX_EVALUATION_LANES, MAX_LANES } from '../protocol';
import { answerPrompt, tellOfFinalNewline } from './answer-prompt';
import { type GridLane, type GridOptions, gridLanes } from './eval-lanes';
import { type PromptOptions, readPrompt } from './prompt-options';
import { runConfig, type SharedOptions } from './run-config';
import { SweepReport } from './sweep-report';
import { withEngine } from './with-engine';

export interface PromptSweepOptions extends PromptOptions, SharedOptions, GridOptions {
  readonly json?: boolean;
  readonly save?: boolean;
}

/** Of `sweep`, those that a prompt makes use of. */
const OPTIONS: ReadonlySet<string> = new Set<keyof PromptSweepOptions>([
  ...(['model', 'server', 'baselineServer', 'head', 'dtype', 'device', 'memorySaver', 'arithmetic'] as const),
  ...(['prompt', 'promptFile', 'trimFinalNewline', 'messages', 'system', 'raw'] as const),
  ...(['templateVar', 'templateDate', 'steps', 'lr', 'presets', 'weightDecay'] as const),
  ...(['maxNewTokens', 'temperature', 'topP', 'seed', 'ignoreEos', 'stop', 'json', 'save'] as const),
]);
const SOURCES = ['prompt', 'promptFile', 'messages'] as const;
/** That a data set makes no use of. */
const FOR_PROMPTS_ALONE = ['trimFinalNewline', 'raw', 'save'] as const;

/**
 * Whether a sweep is over one prompt.
 * @param written the options that the user has given, by their names: as they are written
 * @throws EngineError `bad-option` for options of a data set among those of a prompt, and the other way round
 */
export function isPromptSweep(written: ReadonlyMap<string, string>): boolean {
  const isPrompt = SOURCES.some((name) => written.has(name));
  const foreign = isPrompt
    ? [...written.keys()].find((name) => !OPTIONS.has(name))
    : FOR_PROMPTS_ALONE.find((name) => written.has(name));
  if (foreign === undefined) return isPrompt;
  const [its, here] = isPrompt ? ['a data set', 'one prompt'] : ['one prompt', 'a data set'];
  throw badInput('bad-option', `${written.get(foreign)} goes with ${its}, not with ${here}`, 'See --help.');
}

/** @throws EngineError */
export async function sweepPrompt(options: PromptSweepOptions): Promise<void> {
  const prompt = await readPrompt(options);
  const [baseline, ...cells] = gridLanes(options);
  const runs = runsOf(cells, MAX_LANES - 1).map((lanes) => runConfig(options, prompt, [baseline!, ...lanes]));
  const report = options.json
    ? undefined
    : new SweepReport(
        process.stdout,
        process.stderr,
        [baseline!, ...cells].map(({ name }) => name),
      );
  if (runs.length > 1)
    process.stderr.write(
      `note: ${cells.length} settings and the baseline are more than the ${MAX_LANES} lanes of one run: ${runs.length} runs, each with the baseline\n`,
    );
  await withEngine(async (engine) => {
    if (options.promptFile !== undefined) await tellOfFinalNewline(engine, runs[0]!);
    try {
      for (const config of runs) if (!(await answerPrompt(engine, config, report, options.save))) break;
    } finally {
      report?.summary();
    }
  }, options);
}

/**
 * Lanes that differ in their steps alone stay in one run, where they share an optimisation, as long as they fit.
 * @throws EngineError `bad-option` for a grid without settings, or with too many
 */
export function runsOf(cells: readonly GridLane[], most: number): GridLane[][] {
  if (cells.length === 0)
    throw badInput('bad-option', '--steps: there is no setting with a step', 'Write it as 0..5.');
  if (cells.length >= MAX_EVALUATION_LANES)
    throw badInput(
      'bad-option',
      `--steps × --lr: ${cells.length} settings, but a sweep has at most ${MAX_EVALUATION_LANES - 1}`,
      'Sweep in parts.',
    );
  const runs: GridLane[][] = [];
  for (const alike of byOptimiser(cells))
    for (let at = 0; at < alike.length; at += most) {
      const part = alike.slice(at, at + most);
      const last = runs.at(-1);
      if (last && last.length + part.length <= most) last.push(...part);
      else runs.push(part);
    }
  return runs;
}

function byOptimiser(cells: readonly GridLane[]): GridLane[][] {
  const groups = new Map<string, GridLane[]>();
  for (const cell of cells) {
    const key = [cell.preset, cell.lr, cell.weightDecay].join();
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  return [...groups.values()];
}
