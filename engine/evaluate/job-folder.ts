/**
 * A job on disk: `manifest.json`, `problems.jsonl`, and `answers.jsonl`, to which each answer is appended as it is
 * given. A process that is killed loses the line it was writing and nothing else.
 */
import { closeSync, fdatasyncSync, openSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { guarded } from '../files/guarded';
import { endOfLines } from '../files/lines';
import { withLock } from '../files/lock';
import { readBounded, withFile } from '../files/read';
import { createFile, createFolder, PRIVATE_FOLDER, writeAll, writeWhole } from '../files/write';
import {
  AnswerRecord,
  badInput,
  EngineError,
  EvaluationConfig,
  Failure,
  JobId,
  JobState,
  MAX_PROBLEMS,
  Problem,
  Provenance,
} from '../protocol';
import { jsonLines } from './job-lines';
import { isWorkedOn, JobOwner, thisProcess } from './job-owner';

/** Of `manifest.json`; another one is a later version's. */
const FORMAT = 1;
const Versioned = z.object({ v: z.number() });

export const Manifest = z.strictObject({
  v: z.literal(FORMAT),
  jobId: JobId,
  title: z.string().max(200),
  createdAt: z.iso.datetime().max(40),
  config: EvaluationConfig,
  state: JobState,
  error: Failure.nullable(),
  /** The process that works on it; another one may take it over once that one is gone. */
  owner: JobOwner.nullable(),
  provenance: Provenance.nullable(),
  notices: z.array(z.string().max(10_000)).max(1_000),
  /** As it was left: answers, and how many there are in all. */
  progress: z
    .strictObject({ done: z.int().min(0), total: z.int().min(0) })
    .nullable()
    .default(null),
});
export type Manifest = z.infer<typeof Manifest>;

const MANIFEST = 'manifest.json';
const PROBLEMS = 'problems.jsonl';
const HELD_OUT = 'held-out.jsonl';
const ANSWERS = 'answers.jsonl';
const MAX_MANIFEST = 2 ** 26;
const WHAT = 'the evaluation';

/** Of an answer within its job. */
export function answerKey({
  problem,
  lane,
  sample,
}: Pick<AnswerRecord, 'problem' | 'lane' | 'sample'>): string {
  return JSON.stringify([problem, lane, sample]);
}

export class JobFolder {
  /** Where answers are appended; opened by the first. */
  private appending: number | undefined;

  private constructor(
    readonly path: string,
    private current: Manifest,
  ) {}

  /** @throws EngineError `store` */
  static create(
    path: string,
    manifest: Manifest,
    problems: readonly Problem[],
    heldOut: readonly Problem[] = [],
  ): JobFolder {
    guarded(() => {
      createFolder(path, PRIVATE_FOLDER);
      writeWhole(join(path, PROBLEMS), toLines(problems));
      if (heldOut.length > 0) writeWhole(join(path, HELD_OUT), toLines(heldOut));
      writeManifest(path, manifest);
    }, WHAT);
    return new JobFolder(path, manifest);
  }

  /** @throws EngineError `no-job`, `newer-job`, `damaged-job` */
  static open(path: string, jobId: string): JobFolder {
    try {
      const json: unknown = JSON.parse(readBounded(join(path, MANIFEST), MAX_MANIFEST).toString());
      const version = Versioned.safeParse(json);
      if (version.success && version.data.v > FORMAT) throw newerJob(jobId, version.data.v);
      const manifest = Manifest.parse(json);
      return new JobFolder(path, { ...manifest, jobId, state: stateNow(manifest) });
    } catch (error) {
      if (error instanceof EngineError && error.code === 'newer-job') throw error;
      if (statSync(path, { throwIfNoEntry: false }) === undefined) throw noJob(jobId);
      const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
      throw badInput(
        'damaged-job',
        `the evaluation ${jobId} cannot be read: ${why}`,
        'Delete it, or put its files right.',
      );
    }
  }

  get manifest(): Manifest {
    return this.current;
  }

  update(change: Partial<Omit<Manifest, 'v' | 'jobId'>>): void {
    const next = { ...this.current, ...change };
    guarded(() => writeManifest(this.path, next), WHAT);
    this.current = next;
  }

  /**
   * Makes it this process's, until `update` says that it is nobody's.
   * @throws EngineError `job-active` where it is another's, `damaged-job`, `store`
   */
  claim(): void {
    guarded(
      () =>
        withLock(join(this.path, 'lock'), () => {
          const { owner } = JobFolder.open(this.path, this.current.jobId).manifest;
          if (isWorkedOn(owner) && owner?.pid !== process.pid)
            throw badInput('job-active', 'another process works on this evaluation', 'Pause it there first.');
          this.update({ owner: thisProcess() });
        }),
      WHAT,
    );
  }

  /** @throws EngineError `damaged-job` */
  problems(): Problem[] {
    const problems = problemsIn(join(this.path, PROBLEMS));
    if (problems.length > 0) return problems;
    throw badInput('damaged-job', `${PROBLEMS} is not there, or damaged`);
  }

  /** What lanes of a mean delta learn from; not asked. */
  heldOut(): Problem[] {
    return problemsIn(join(this.path, HELD_OUT));
  }

  /**
   * Whole lines; of an answer that is there twice the first.
   * @param problem whose answers alone
   */
  *answers(problem?: string): Generator<AnswerRecord> {
    const seen = new Set<string>();
    // As they are written, so that the other lines need not be parsed.
    const start = problem === undefined ? '' : `{"problem":${JSON.stringify(problem)},`;
    for (const value of jsonLines(join(this.path, ANSWERS), AnswerRecord, start)) {
      const key = answerKey(value);
      if (seen.has(key)) continue;
      seen.add(key);
      yield value;
    }
  }

  /** @throws EngineError `store` */
  append(answer: AnswerRecord): void {
    guarded(() => {
      this.appending ??= this.openAnswers();
      writeAll(this.appending, Buffer.from(`${JSON.stringify(answer)}\n`));
      fdatasyncSync(this.appending);
    }, WHAT);
  }

  /** All answers anew, as regrading makes them: whole or not at all. */
  replaceAnswers(answers: readonly AnswerRecord[]): void {
    this.close();
    guarded(() => {
      writeWhole(
        join(this.path, ANSWERS),
        answers.map((answer) => Buffer.from(toLines([answer]))),
      );
    }, WHAT);
  }

  /** What else is kept of it, written whole. */
  file(name: string): string {
    return join(this.path, name);
  }

  /** Changes whenever an answer is added or judged anew. */
  get version(): string {
    const stat = statSync(join(this.path, ANSWERS), { throwIfNoEntry: false });
    return stat ? `${stat.size} ${stat.mtimeMs}` : '';
  }

  close(): void {
    const { appending } = this;
    this.appending = undefined;
    if (appending !== undefined) closeSync(appending);
  }

  /** Behind its last whole line: what a killed process had begun is cut off first. */
  private openAnswers(): number {
    const path = join(this.path, ANSWERS);
    if (statSync(path, { throwIfNoEntry: false }) === undefined) return createFile(path);
    const [whole, size] = withFile(path, (file, stat) => [endOfLines(file, stat.size), stat.size]);
    if (size > whole) truncateSync(path, whole);
    return openSync(path, 'a');
  }
}

function problemsIn(path: string): Problem[] {
  const problems: Problem[] = [];
  for (const problem of jsonLines(path, Problem)) {
    problems.push(problem);
    if (problems.length > MAX_PROBLEMS) throw badInput('damaged-job', `more than ${MAX_PROBLEMS} problems`);
  }
  return problems;
}

function toLines(values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}

function writeManifest(path: string, manifest: Manifest): void {
  writeWhole(join(path, MANIFEST), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

/** A job whose process is gone was interrupted, whatever its file says. */
function stateNow({ state, owner }: Manifest): JobState {
  if (state !== 'running' && state !== 'waiting') return state;
  return isWorkedOn(owner) ? state : 'interrupted';
}

function newerJob(jobId: string, version: number): EngineError {
  return badInput(
    'newer-job',
    `the evaluation ${jobId} was written in format ${version}, this version reads ${FORMAT}`,
    'Update SLOT Studio to open it.',
  );
}

export function noJob(jobId: string) {
  return badInput('no-job', `there is no evaluation ${jobId}`, 'Refresh the list.');
}
