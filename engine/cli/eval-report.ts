/** An evaluation for a terminal: progress while it works, then its table and what may be claimed. */
import { COLUMNS, tableOf } from '../api/evaluation-table';
import {
  type EvaluationEvent,
  type EvaluationPreview,
  type EvaluationSummary,
  type JobInfo,
  type Provenance,
  readableText,
} from '../protocol';
import { TerminalReport } from './terminal-report';

const BAR = 24;

export class EvalReport extends TerminalReport {
  private noticed = 0;

  show(event: EvaluationEvent): void {
    if (event.type !== 'job') return;
    const { job } = event;
    for (const notice of job.notices.slice(this.noticed)) this.note(notice);
    this.noticed = job.notices.length;
    if (job.state === 'running' || job.state === 'waiting') this.showProgress(job);
    else this.clear();
  }

  preview({ dataset, prompts, answers, detectable, notices }: EvaluationPreview): void {
    const { n, total, source, licence, gold } = dataset;
    this.line(`${n} of ${total ?? 'more'} problems; ${readableText(source)}`);
    this.line(`licence: ${readableText(licence)}; gold answer: ${readableText(gold)}`);
    for (const { problem, text, tokens } of prompts) {
      this.line();
      this.line(
        this.style('bold', `problem ${readableText(problem)}, ${tokens} tokens as the model reads it:`),
      );
      this.line(readableText(text));
    }
    this.line();
    this.line(`${answers} answers to write.`);
    this.line(
      detectable === null
        ? 'No difference could be seen with so few problems.'
        : `With ${n} problems nothing below ${(100 * detectable).toFixed(1)} points can be seen.`,
    );
    for (const notice of notices) this.line(`note: ${readableText(notice)}`);
  }

  summary(job: JobInfo, summary: EvaluationSummary, provenance: Provenance | null): void {
    this.clear();
    const so = job.done < job.total ? `, ${job.done} of ${job.total} answers so far` : '';
    const grader = job.config.graders[0]!.name;
    this.line(
      this.style(
        'bold',
        `${readableText(nameOf(job))}: ${summary.problems} problems${so}, by the grader ${grader}`,
      ),
    );
    this.line();
    this.table([[...COLUMNS], ...tableOf(summary)]);
    const others = job.config.graders.slice(1).map(({ name }) => name);
    if (others.length > 0)
      this.table([
        ['lane', ...others],
        ...summary.lanes.map((lane) => [
          lane.lane.name,
          ...lane.graders
            .slice(1)
            .map(
              ({ right, undecided }) =>
                `${right.count}/${right.of}${undecided > 0 ? ` (${undecided} undecided)` : ''}`,
            ),
        ]),
      ]);
    if (job.config.passAt.length > 0) {
      const ks = job.config.passAt.map((k) => `pass@${k}`);
      const rates = summary.lanes.map(({ lane, passAt }) => [
        lane.name,
        ...passAt.map(({ rate }) => `${(100 * rate).toFixed(1)}%`),
      ]);
      this.table([['lane', ...ks], ...rates]);
    }
    for (const claim of summary.claims) this.line(readableText(claim));
    if (provenance?.concurrency)
      this.line(`Answers that the server was asked for: ${readableText(provenance.concurrency.message)}.`);
  }

  entry(job: JobInfo): void {
    this.line(
      `${job.jobId}  ${job.createdAt.slice(0, 16).replace('T', ' ')}  ${job.state.padEnd(11)} ${job.done}/${job.total}  ${readableText(nameOf(job))}`,
    );
  }

  private showProgress({ done, total, secondsLeft, activity }: JobInfo): void {
    const filled = Math.round((BAR * done) / Math.max(1, total));
    const left = secondsLeft === null ? '' : `, ${timeOf(secondsLeft)} left`;
    this.status(
      `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)} ${done} of ${total} answers${left}  ${activity ?? ''}`,
    );
  }
}

function nameOf({ title, config }: JobInfo): string {
  if (title !== '') return title;
  return config.dataset.kind === 'named' ? config.dataset.name : config.dataset.path;
}

function timeOf(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
