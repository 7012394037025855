/** `evals`: stored evaluations, listed, shown, judged anew, exported, deleted. */
import type { Command } from 'commander';
import {
  badInput,
  EXPORT_FORMATS,
  ExportFormat,
  type GraderChoice,
  GraderName,
  visibleJson,
} from '../protocol';
import { EvalReport } from './eval-report';
import { withEngine } from './with-engine';

interface JsonOption {
  readonly json?: boolean;
}

export function addEvalsCommand(program: Command): void {
  const evals = program.command('evals').description('stored evaluations');
  evals
    .command('list')
    .description('every one, newest first')
    .option('--json', 'one JSON object a line')
    .action(list);
  evals.command('show <id>').description('its table').option('--json', 'as JSON').action(show);
  evals
    .command('regrade <id>')
    .description('judge the stored answers anew; the model is not asked')
    .requiredOption('--graders <names>', 'by commas, the headline first')
    .option('--pattern <regexp>', 'of the grader regex')
    .action(regrade);
  evals
    .command('export <id>')
    .description('all of it as JSON Lines, or its table, to stdout')
    .option('--as <format>', EXPORT_FORMATS.join(', '), 'jsonl')
    .action(exportAs);
  evals
    .command('delete <id>')
    .description('for a day it can be restored')
    .action((jobId: string) =>
      withEngine(async (engine) => {
        await engine.query('evaluations.delete', { jobId });
        process.stderr.write(`deleted; for a day it can be brought back with: evals restore ${jobId}\n`);
      }),
    );
  evals
    .command('restore <id>')
    .description('bring back what was deleted')
    .action((jobId: string) => withEngine((engine) => engine.query('evaluations.restore', { jobId })));
}

function list({ json }: JsonOption): Promise<void> {
  return withEngine(async (engine) => {
    const { jobs, damaged } = await engine.query('evaluations.list', {});
    const report = new EvalReport(process.stdout, process.stderr);
    for (const job of jobs) {
      if (json) process.stdout.write(`${visibleJson(job)}\n`);
      else report.entry(job);
    }
    for (const { jobId, why } of damaged) report.note(`${why}. Delete it with: evals delete ${jobId}`);
  });
}

function show(jobId: string, { json }: JsonOption): Promise<void> {
  return withEngine(async (engine) => {
    const { job, summary, provenance } = await engine.query('evaluations.summary', { jobId });
    if (json) process.stdout.write(`${visibleJson({ job, summary, provenance })}\n`);
    else new EvalReport(process.stdout, process.stderr).summary(job, summary, provenance);
  });
}

function regrade(jobId: string, options: { graders: string; pattern?: string }): Promise<void> {
  return withEngine(async (engine) => {
    const graders = choicesOf(options);
    const job = await engine.query('evaluations.regrade', { jobId, graders });
    const { summary, provenance } = await engine.query('evaluations.summary', { jobId });
    new EvalReport(process.stdout, process.stderr).summary(job, summary, provenance);
  });
}

function choicesOf({ graders, pattern }: { graders: string; pattern?: string }): GraderChoice[] {
  return graders.split(',').map((written) => {
    const name = GraderName.safeParse(written.trim());
    if (!name.success) throw badInput('bad-option', `--graders: there is no grader "${written}"`);
    return name.data === 'regex' && pattern !== undefined
      ? { name: name.data, pattern }
      : { name: name.data };
  });
}

function exportAs(jobId: string, { as }: { as: string }): Promise<void> {
  return withEngine(async (engine) => {
    const format = ExportFormat.safeParse(as);
    if (!format.success) throw badInput('bad-option', `--as: one of ${EXPORT_FORMATS.join(', ')}`);
    const { text } = await engine.query('evaluations.export', { jobId, format: format.data });
    process.stdout.write(text);
  });
}
