/** `eval` and `sweep`: a data set with lanes, as one job that can be left and taken up again; `sweep` also over one prompt. */
import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { Engine } from '../api/engine';
import {
  badInput,
  type EvaluationConfig,
  type EvaluationEvent,
  fromFailure,
  type JobInfo,
  visibleJson,
} from '../protocol';
import { evalConfig, sweepConfig } from './eval-config';
import { addDataOptions, addLaneOptions, addSweepOptions, type EvalOptions } from './eval-options';
import { EvalReport } from './eval-report';
import { readDeltas } from './given-deltas';
import { onInterrupt } from './interrupt';
import { isPromptSweep, type PromptSweepOptions, sweepPrompt } from './sweep-prompt';
import { withEngine } from './with-engine';

interface JobOptions extends EvalOptions {
  readonly title?: string;
  /** True where none is named. */
  readonly resume?: string | true;
  readonly preview?: boolean;
  readonly json?: boolean;
}

export function addEvalCommands(program: Command): void {
  const evaluate = program
    .command('eval')
    .description('ask a data set with the baseline, SLOT and its controls, and say what may be concluded');
  const sweep = program
    .command('sweep')
    .description(
      'steps × learning rates, over a data set (chosen on one half, reported on the other) or over one prompt',
    )
    .addHelpText('after', PROMPT_HELP);
  addJobOptions(addLaneOptions(addDataOptions(evaluate))).action((options: JobOptions) =>
    jobCommand(options, evalConfig),
  );
  addJobOptions(addSweepOptions(addDataOptions(sweep))).action((options: JobOptions & PromptSweepOptions) =>
    isPromptSweep(writtenOf(sweep)) ? sweepPrompt(options) : jobCommand(options, sweepConfig),
  );
}

const PROMPT_HELP = `
Over one prompt (--prompt, --prompt-file or --messages, with --system or --raw): each setting is a lane of a run, which
answers beside the baseline. Options of model, template, grid and generation, --json and --save go with it; those of a
data set do not.`;

function addJobOptions(command: Command): Command {
  return command
    .option('--title <text>', 'a name for the list of evaluations')
    .option('--preview', 'show the first prompts and what could be seen, and run nothing')
    .option('--resume [id]', 'go on with an evaluation that was stopped: the one named, or the last')
    .option('--json', 'print what happens, one JSON object a line, the summary last');
}

/** The options that the user has given, by their names: as they are written. */
function writtenOf(command: Command): Map<string, string> {
  const given = command.options.filter(
    (option) => command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  return new Map(given.map((option) => [option.attributeName(), option.long ?? option.flags]));
}

type ConfigOf = typeof evalConfig;

async function jobCommand(options: JobOptions, configOf: ConfigOf): Promise<void> {
  await withEngine(async (engine) => {
    if (options.resume !== undefined) {
      const jobId = options.resume === true ? await lastStopped(engine) : options.resume;
      return follow(engine, jobId, options, () => engine.query('evaluations.resume', { jobId }));
    }
    const deltas = await readDeltas(engine, options.delta);
    const config = configOf(options, await engine.query('evaluations.options', {}), deltas);
    if (options.preview) return showPreview(engine, config, options);
    const title = options.title ?? '';
    return follow(engine, randomUUID(), options, (jobId, signal) =>
      engine.query('evaluations.start', { jobId, title, config }, signal),
    );
  }, options);
}

async function lastStopped(engine: Engine): Promise<string> {
  const { jobs } = await engine.query('evaluations.list', {});
  const stopped = jobs.find(
    ({ state }) => state === 'interrupted' || state === 'paused' || state === 'failed',
  );
  if (stopped) return stopped.jobId;
  throw badInput('no-job', 'no evaluation waits to go on', 'See: evals list.');
}

async function showPreview(engine: Engine, config: EvaluationConfig, { json }: JobOptions): Promise<void> {
  const preview = await engine.query('evaluations.preview', config);
  if (json) process.stdout.write(`${visibleJson(preview)}\n`);
  else new EvalReport(process.stdout, process.stderr).preview(preview);
}

/** Starts or resumes a job and shows it until it ends; an interrupt stops it, and it can be resumed. */
async function follow(
  engine: Engine,
  jobId: string,
  { json }: JobOptions,
  begin: (jobId: string, signal: AbortSignal) => Promise<JobInfo>,
): Promise<void> {
  const report = new EvalReport(process.stdout, process.stderr);
  const interrupt = new AbortController();
  let settle: (job: JobInfo) => void = () => {};
  const ended = new Promise<JobInfo>((resolve) => {
    settle = resolve;
  });
  const show = (event: EvaluationEvent) => {
    if (json) process.stdout.write(`${visibleJson(event)}\n`);
    else report.show(event);
    if (event.type === 'job' && !['waiting', 'running'].includes(event.job.state)) settle(event.job);
  };
  const unwatch = engine.watchEvaluations((event) => {
    if (jobOf(event) === jobId) show(event);
  });
  const unlisten = onInterrupt(() => {
    if (interrupt.signal.aborted) process.exit(130);
    interrupt.abort();
    void engine.query('evaluations.pause', { jobId });
  });
  try {
    const job = await begin(jobId, interrupt.signal);
    const last = job.state === 'done' ? job : await ended;
    const { summary, provenance } = await engine.query('evaluations.summary', { jobId });
    if (json) process.stdout.write(`${visibleJson({ type: 'summary', jobId, summary, provenance })}\n`);
    else report.summary(last, summary, provenance);
    if (last.state === 'failed' && last.error) throw fromFailure(last.error);
    if (last.state !== 'paused') return;
    process.stderr.write(
      `stopped after ${last.done} of ${last.total} answers; go on with: --resume ${jobId}\n`,
    );
    process.exitCode = 130;
  } catch (thrown) {
    if (!interrupt.signal.aborted) throw thrown;
    process.exitCode = 130;
  } finally {
    unlisten();
    unwatch();
  }
}

function jobOf(event: EvaluationEvent): string {
  return event.type === 'job' ? event.job.jobId : event.jobId;
}
