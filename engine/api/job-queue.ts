/** Works on evaluations one after the other. A run of the window goes between two of a job's tokens, on the same model. */

import type { Job } from '../evaluate/job';
import type { OpenedModel } from '../generate/open-model';
import type { Graders } from '../grade/graders';
import { cancelled, type EvaluationEvent } from '../protocol';
import type { ModelTurns } from './model-turns';

/** Progress is told this often, in milliseconds. */
const TELL_MS = 500;
/** How many changes are taken in a turn before others are looked for. */
const MIN_TURN_MS = 20;

interface Entry {
  readonly job: Job;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

export class JobQueue {
  private readonly entries = new Map<string, Entry>();
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly turns: ModelTurns,
    private readonly graders: () => Graders,
    private readonly tell: (event: EvaluationEvent) => void,
  ) {}

  /** Whether it is worked on or waits. */
  has(jobId: string): boolean {
    return this.entries.has(jobId);
  }

  add(job: Job): void {
    if (this.has(job.id)) return;
    const stop = new AbortController();
    job.enter('waiting');
    const ended = this.last
      .then(() => this.work(job, stop.signal))
      .finally(() => {
        // First, so that who hears of its end can have it.
        this.entries.delete(job.id);
        this.tell({ type: 'job', job: job.info });
      });
    this.last = ended.catch(() => undefined);
    this.entries.set(job.id, { job, stop, ended: this.last });
    this.tell({ type: 'job', job: job.info });
  }

  /** Ends once it has stopped. */
  async pause(jobId: string): Promise<void> {
    const entry = this.entries.get(jobId);
    entry?.stop.abort(cancelled());
    await entry?.ended;
  }

  async stop(): Promise<void> {
    for (const { stop } of this.entries.values()) stop.abort(cancelled());
    await this.last;
  }

  private async work(job: Job, signal: AbortSignal): Promise<void> {
    try {
      signal.throwIfAborted();
      job.enter('running');
      this.tell({ type: 'job', job: job.info });
      await this.answer(job, signal);
      job.leave('done');
    } catch (thrown) {
      if (signal.aborted) job.leave('paused');
      else job.leave('failed', thrown);
    }
  }

  private async answer(job: Job, signal: AbortSignal): Promise<void> {
    const { config } = job.folder.manifest;
    let at: { readonly model: OpenedModel['model']; readonly work: ReturnType<Job['work']> } | undefined;
    let told = 0;
    try {
      for (let isOver = false; !isOver; ) {
        isOver = await this.turns.next(async () =>
          (await this.turns.model(config.model, signal)).use(async ({ model }) => {
            // Another model was open meanwhile: what was being answered is begun again.
            if (at?.model !== model) {
              await at?.work.return();
              at = { model, work: job.work(model, this.graders(), signal) };
            }
            const until = performance.now() + MIN_TURN_MS;
            do {
              const { done, value } = await at.work.next();
              if (done) return true;
              if (value.type === 'answer') this.tell({ type: 'answer', jobId: job.id, answer: value.answer });
              if (performance.now() - told > TELL_MS) {
                told = performance.now();
                this.tell({ type: 'job', job: job.info });
              }
            } while (!this.turns.isWanted || performance.now() < until);
            return false;
          }),
        );
      }
    } finally {
      await at?.work.return();
    }
  }
}
