/** Evaluations of this machine: listed, prepared, and worked on one at a time, between the runs of the window. */

import { infoOf, Job } from '../evaluate/job';
import type { Manifest } from '../evaluate/job-folder';
import { isWorkedOn } from '../evaluate/job-owner';
import { JobStore } from '../evaluate/job-store';
import { summaryOf } from '../evaluate/kept-summary';
import { matrixOf, problemOf } from '../evaluate/look';
import { exportJob, importJob } from '../evaluate/portable';
import { prepare, previewOf } from '../evaluate/prepare';
import { provenanceOf } from '../evaluate/provenance';
import { csvOf, latexOf, markdownOf } from '../evaluate/table';
import { readFigure } from '../evaluate/token-figures';
import { givenDeltas } from '../generate/given';
import { createGraders, type Graders } from '../grade/graders';
import {
  badInput,
  type EvaluationConfig,
  type EvaluationEvent,
  type JobInfo,
  type ParsedParams,
  type Result,
  toFailure,
} from '../protocol';
import { withVectors } from './given-deltas';
import { JobQueue } from './job-queue';
import type { ModelTurns } from './model-turns';
import type { RunFigures } from './run-figures';

export class Evaluations {
  private readonly store: JobStore;
  private readonly queue: JobQueue;
  private readonly watchers = new Set<(event: EvaluationEvent) => void>();
  /** Those that were looked at or worked on last, with their answers tallied. */
  private readonly open = new Map<string, Job>();
  /** Those whose answers are being judged anew. */
  private readonly regrading = new Set<string>();
  private openGraders: Graders | undefined;

  constructor(
    dataFolder: string,
    private readonly turns: ModelTurns,
    private readonly figures: RunFigures,
  ) {
    this.store = new JobStore(dataFolder);
    this.store.tidy();
    this.queue = new JobQueue(
      turns,
      () => this.graders,
      (event) => this.tell(event),
    );
  }

  /** Calls back with what jobs do until the returned function is called. */
  watch(callback: (event: EvaluationEvent) => void): () => void {
    this.watchers.add(callback);
    return () => this.watchers.delete(callback);
  }

  /** One that cannot be read says so, and hides no other. */
  list(): Result<'evaluations.list'> {
    const { jobs, damaged } = this.store.list();
    const infos: JobInfo[] = [];
    for (const { manifest } of jobs) {
      try {
        infos.push(infoOf(manifest) ?? this.job(manifest.jobId).info);
      } catch (thrown) {
        damaged.push({ jobId: manifest.jobId, why: toFailure(thrown).message });
      }
    }
    return { jobs: infos, damaged };
  }

  async preview(config: EvaluationConfig, signal: AbortSignal): Promise<Result<'evaluations.preview'>> {
    const prepared = await prepare(config, this.graders, signal);
    return this.turns.next(async () =>
      (await this.turns.model(config.model, signal)).use(({ model }) => previewOf(config, prepared, model)),
    );
  }

  async start(
    { jobId, title, config: asked }: ParsedParams<'evaluations.start'>,
    signal: AbortSignal,
  ): Promise<JobInfo> {
    const config = { ...asked, lanes: withVectors(asked.lanes, this.figures) };
    const prepared = await prepare(config, this.graders, signal);
    const provenance = await this.turns.next(async () =>
      (await this.turns.model(config.model, signal)).use(async (opened) => {
        await givenDeltas(opened.model.head, config.lanes);
        return provenanceOf(config, prepared, opened, signal);
      }),
    );
    const manifest: Manifest = {
      v: 1,
      jobId,
      title,
      createdAt: new Date().toISOString(),
      config,
      state: 'waiting',
      error: null,
      owner: null,
      provenance,
      notices: [...prepared.notices],
      progress: null,
    };
    const job = new Job(this.store.create(manifest, prepared.problems, prepared.heldOut));
    this.open.set(jobId, job);
    this.queue.add(job);
    return job.info;
  }

  /** It stops at its next token; what is answered is kept. */
  async pause(jobId: string): Promise<void> {
    await this.queue.pause(jobId);
  }

  resume(jobId: string): JobInfo {
    const job = this.job(jobId);
    this.checkFree(job);
    if (job.info.state !== 'done') this.queue.add(job);
    return job.info;
  }

  rename(jobId: string, title: string): void {
    const job = this.job(jobId);
    job.folder.update({ title });
    this.tell({ type: 'job', job: job.info });
  }

  async delete(jobId: string): Promise<void> {
    await this.queue.pause(jobId);
    const known = this.open.get(jobId);
    if (known) this.checkFree(known);
    this.open.delete(jobId);
    this.store.delete(jobId);
    this.tell({ type: 'deleted', jobId });
  }

  restore(jobId: string): void {
    this.store.restore(jobId);
    const job = this.list().jobs.find((each) => each.jobId === jobId);
    if (job) this.tell({ type: 'job', job });
  }

  async regrade(
    { jobId, graders }: ParsedParams<'evaluations.regrade'>,
    signal: AbortSignal,
  ): Promise<JobInfo> {
    const job = this.job(jobId);
    this.checkFree(job);
    this.regrading.add(jobId);
    try {
      await job.regrade(graders, this.graders, signal);
    } finally {
      this.regrading.delete(jobId);
    }
    this.tell({ type: 'job', job: job.info });
    return job.info;
  }

  async summary(jobId: string): Promise<Result<'evaluations.summary'>> {
    const job = this.job(jobId);
    const summary = await summaryOf(job, this.queue.has(jobId));
    return { job: job.info, summary, provenance: job.folder.manifest.provenance };
  }

  matrix(jobId: string): Result<'evaluations.matrix'> {
    return matrixOf(this.job(jobId));
  }

  problem(jobId: string, problem: string): Result<'evaluations.problem'> {
    return problemOf(this.job(jobId), problem);
  }

  figure(jobId: string, lane: string): Result<'evaluations.figure'> {
    return readFigure(this.job(jobId).folder, lane) ?? null;
  }

  async export({ jobId, format }: ParsedParams<'evaluations.export'>): Promise<Result<'evaluations.export'>> {
    const job = this.job(jobId);
    switch (format) {
      case 'jsonl':
        return { text: exportJob(job) };
      case 'csv':
        return { text: csvOf(job.folder.answers(), job.tally.graders) };
      case 'markdown':
        return { text: markdownOf((await this.summary(jobId)).summary) };
      case 'latex':
        return { text: latexOf((await this.summary(jobId)).summary) };
    }
  }

  /** Under its own id, or a new one where that is taken. */
  import(text: string): JobInfo {
    const { manifest, problems, heldOut, answers } = importJob(text);
    const jobId = this.store.isTaken(manifest.jobId) ? crypto.randomUUID() : manifest.jobId;
    const wasLeft = manifest.state === 'running' || manifest.state === 'waiting';
    const state = wasLeft ? 'interrupted' : manifest.state;
    const folder = this.store.create({ ...manifest, jobId, state, owner: null }, problems, heldOut);
    folder.replaceAnswers(answers);
    const job = new Job(folder);
    this.open.set(jobId, job);
    this.tell({ type: 'job', job: job.info });
    return job.info;
  }

  async stop(): Promise<void> {
    await this.queue.stop();
    await this.openGraders?.close();
  }

  private get graders(): Graders {
    this.openGraders ??= createGraders();
    return this.openGraders;
  }

  private job(jobId: string): Job {
    const known = this.open.get(jobId);
    // Another process may have worked on it since.
    const isOurs = known && (this.queue.has(jobId) || this.regrading.has(jobId));
    if (isOurs) return known;
    const folder = this.store.open(jobId);
    if (known && sameState(known.folder.manifest, folder.manifest)) return known;
    const job = new Job(folder);
    this.open.set(jobId, job);
    return job;
  }

  /** @throws EngineError `job-active` */
  private checkFree(job: Job): void {
    const { owner } = job.folder.manifest;
    const isElsewhere = isWorkedOn(owner) && owner?.pid !== process.pid;
    if (!this.queue.has(job.id) && !this.regrading.has(job.id) && !isElsewhere) return;
    const where = isElsewhere
      ? 'another process works on this evaluation'
      : 'this evaluation is being worked on';
    throw badInput('job-active', where, 'Pause it first.');
  }

  private tell(event: EvaluationEvent): void {
    for (const callback of this.watchers) callback(event);
  }
}

function sameState(a: Manifest, b: Manifest): boolean {
  return JSON.stringify(a) === JSON.stringify(b) && b.state !== 'running';
}
