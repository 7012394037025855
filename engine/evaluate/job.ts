/** One job: its folder, what has been answered, and the work that is left. */
import { renderPrompt } from '../dataset/forms';
import type { LanguageModel } from '../generate/language-model';
import { gradeFormat } from '../grade/format';
import type { Graders } from '../grade/graders';
import { type AnswerRecord, type GraderChoice, type JobInfo, type Problem, toFailure } from '../protocol';
import { answerJob } from './answer-job';
import type { UngradedAnswer } from './answer-record';
import type { JobFolder, Manifest } from './job-folder';
import { lanesOf, totalOf } from './sweep';
import { Tally } from './tally';
import { TokenFigures } from './token-figures';

export type JobChange =
  | { readonly type: 'answer'; readonly answer: AnswerRecord }
  | { readonly type: 'progress' };

/** How often the token figure is written, in milliseconds: what it lacks is learned again after a crash. */
const CHECKPOINT_MS = 30_000;

export class Job {
  readonly problems: readonly Problem[];
  private tallied: Tally;
  private activity: string | null = null;
  /** Of this process: when it began, and with how many answers. */
  private since: { readonly at: number; readonly done: number } | undefined;

  /** @throws EngineError `damaged-job` */
  constructor(readonly folder: JobFolder) {
    this.problems = folder.problems();
    this.tallied = new Tally(folder.manifest.config, this.problems, folder.answers());
  }

  get id(): string {
    return this.folder.manifest.jobId;
  }

  get tally(): Tally {
    return this.tallied;
  }

  get info(): JobInfo {
    const { manifest } = this.folder;
    const [done, total] = [this.tallied.size, totalOf(this.tallied)];
    if (manifest.state !== 'running') return withProgress(manifest, done, total);
    return {
      ...withProgress(manifest, done, total),
      secondsLeft: this.secondsLeft(done, total),
      activity: this.activity,
    };
  }

  /** @throws EngineError `job-active` where another process works on it */
  enter(state: 'waiting' | 'running'): void {
    this.folder.claim();
    this.folder.update({ state, error: null });
    if (state === 'running') this.since = { at: performance.now(), done: this.tallied.size };
  }

  leave(state: 'paused' | 'done' | 'failed', thrown?: unknown): void {
    const error = state === 'failed' ? toFailure(thrown) : null;
    this.folder.close();
    this.activity = null;
    this.since = undefined;
    const progress = { done: this.tallied.size, total: totalOf(this.tallied) };
    this.folder.update({ state, owner: null, error, progress });
  }

  /**
   * Answers what is left; every answer is on the disk before it is told. Between two changes the model is free for
   * other work.
   * @throws the signal's reason, EngineError
   */
  async *work(model: LanguageModel, graders: Graders, signal: AbortSignal): AsyncGenerator<JobChange, void> {
    const { config } = this.folder.manifest;
    const figures = TokenFigures.open(this.folder, model);
    let written = performance.now();
    try {
      // A sweep's second half begins when all of the first is answered.
      for (let before = -1; this.tallied.size < totalOf(this.tallied) && before < this.tallied.size; ) {
        before = this.tallied.size;
        const job = {
          config,
          problems: this.problems,
          heldOut: this.folder.heldOut(),
          ask: (problem: Problem) => renderPrompt(config.form, problem),
          lanesFor: lanesOf(this.tallied),
          isDone: (key: string) => this.tallied.has(key),
          isFollowed: (index: number) => !figures.has(index) && lanesOf(this.tallied)(index).length > 0,
          onAdapted: figures.add.bind(figures),
        };
        for await (const step of answerJob(model, job, signal)) {
          if (step.type === 'adapted') this.activity = `problem ${step.index + 1} of ${this.problems.length}`;
          if (step.type === 'answer') yield { type: 'answer', answer: await this.keep(step.answer, graders) };
          else yield { type: 'progress' };
          if (performance.now() - written > CHECKPOINT_MS) {
            figures.write();
            this.keepConcurrency(model);
            written = performance.now();
          }
        }
      }
    } finally {
      figures.write();
      this.keepConcurrency(model);
    }
  }

  private keepConcurrency({ concurrency }: LanguageModel): void {
    const { provenance } = this.folder.manifest;
    if (provenance && concurrency) this.folder.update({ provenance: { ...provenance, concurrency } });
  }

  /** Judges the stored answers anew; the model is not asked. @throws EngineError, the signal's reason */
  async regrade(choices: readonly GraderChoice[], graders: Graders, signal: AbortSignal): Promise<void> {
    const byId = new Map(this.problems.map((problem) => [problem.id, problem]));
    const answers: AnswerRecord[] = [];
    // What another process answered meanwhile would be lost.
    this.folder.claim();
    try {
      for (const answer of this.folder.answers()) {
        signal.throwIfAborted();
        const problem = byId.get(answer.problem);
        if (problem) answers.push({ ...answer, ...(await judge(answer, problem, choices, graders)) });
      }
      this.folder.replaceAnswers(answers);
      const config: Manifest['config'] = { ...this.folder.manifest.config, graders: [...choices] };
      this.folder.update({ config });
      this.tallied = new Tally(config, this.problems, answers);
    } finally {
      this.folder.update({ owner: null });
    }
  }

  private async keep(ungraded: UngradedAnswer, graders: Graders): Promise<AnswerRecord> {
    const problem = this.problems.find(({ id }) => id === ungraded.problem)!;
    const answer = {
      ...ungraded,
      ...(await judge(ungraded, problem, this.folder.manifest.config.graders, graders)),
    };
    this.folder.append(answer);
    this.tallied.add(answer);
    return answer;
  }

  private secondsLeft(done: number, total: number): number | null {
    if (!this.since || done === this.since.done) return null;
    const perAnswer = (performance.now() - this.since.at) / (done - this.since.done);
    return (perAnswer * (total - done)) / 1000;
  }
}

/** Of a job that was left and whose answers are not looked at; undefined where they must be counted. */
export function infoOf(manifest: Manifest): JobInfo | undefined {
  const { state, progress } = manifest;
  const isLeft = state === 'done' || state === 'paused' || state === 'failed';
  return isLeft && progress ? withProgress(manifest, progress.done, progress.total) : undefined;
}

function withProgress(manifest: Manifest, done: number, total: number): JobInfo {
  const { jobId, title, createdAt, config, state, error, notices } = manifest;
  return {
    jobId,
    title,
    createdAt,
    config,
    state,
    error,
    done,
    total,
    secondsLeft: null,
    activity: null,
    notices,
  };
}

/** What the graders make of an answer; one that failed is wrong. */
async function judge(
  { text, end }: Pick<UngradedAnswer, 'text' | 'end'>,
  { gold, choices }: Problem,
  wanted: readonly GraderChoice[],
  graders: Graders,
): Promise<Pick<AnswerRecord, 'grades' | 'format'>> {
  const grades: AnswerRecord['grades'] = {};
  for (const { name, pattern } of wanted) {
    grades[name] =
      end === 'failed'
        ? { extracted: null, verdict: 'wrong' }
        : await graders.grade(name, {
            answer: text,
            gold,
            ...(choices ? { choices } : {}),
            ...(pattern === undefined ? {} : { pattern }),
          });
  }
  return { grades, format: gradeFormat(text) };
}
