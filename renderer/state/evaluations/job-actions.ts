/** What is done to stored evaluations; what goes wrong is told by a toast. */
import { EngineError, type GraderChoice, type JobInfo, oneLine, toFailure } from '../../../engine/protocol';
import type { EngineClient } from '../../engine/engine-client';
import { type ImportedFile, readText } from '../imported-file';
import type { Toasts } from '../toasts';
import type { EvaluationPlace } from './state';

/** Where the Evaluate view is, and its list. */
export interface Shown {
  show(place: Partial<EvaluationPlace>): void;
  /** Reads the list, and what an evaluation can be made of, anew. */
  refresh(): Promise<void>;
}

export interface JobActions {
  pause(jobId: string): Promise<void>;
  resume(jobId: string): Promise<void>;
  rename(jobId: string, title: string): Promise<void>;
  /** The toast undoes it. @param job also one that cannot be read */
  delete(job: Pick<JobInfo, 'jobId' | 'title'>): Promise<void>;
  regrade(jobId: string, graders: readonly GraderChoice[]): Promise<void>;
  import(file: ImportedFile): Promise<void>;
}

export function jobActions({ request }: EngineClient, toasts: Toasts, { show, refresh }: Shown): JobActions {
  return {
    pause: (jobId) => toasts.attempt(async () => void (await request('evaluations.pause', { jobId }))),
    resume: (jobId) => toasts.attempt(async () => void (await request('evaluations.resume', { jobId }))),
    rename: (jobId, title) =>
      toasts.attempt(async () => void (await request('evaluations.rename', { jobId, title }))),
    delete: (job) => toasts.attempt(() => deleteJob(job)),
    regrade: (jobId, graders) =>
      toasts.attempt(async () => {
        await request('evaluations.regrade', { jobId, graders: [...graders] });
        toasts.say('Graded the stored answers anew.');
      }),
    import: (file) =>
      toasts.attempt(async () => {
        const job = await importFile(file);
        await refresh();
        show({ job: job.jobId, problem: null });
        toasts.say(`Imported ${oneLine(file.name, 200)}.`);
      }),
  };

  /** Rejects with what was wrong, by the file's name. */
  async function importFile(file: ImportedFile): Promise<JobInfo> {
    try {
      return await request('evaluations.import', { text: await readText(file) });
    } catch (thrown) {
      const { kind, code, message, hint } = toFailure(thrown);
      const what = `Nothing was imported: ${oneLine(file.name, 200)}, ${message}`;
      throw new EngineError(kind, code, what, hint);
    }
  }

  async function deleteJob({ jobId, title }: Pick<JobInfo, 'jobId' | 'title'>): Promise<void> {
    await request('evaluations.delete', { jobId });
    const restore = async () => {
      await request('evaluations.restore', { jobId });
      await refresh();
      show({ job: jobId });
    };
    const name = title === '' ? 'the evaluation' : `“${oneLine(title, 40)}”`;
    toasts.say(`Deleted ${name}.`, { name: 'Undo', run: () => void toasts.attempt(restore) });
  }
}
