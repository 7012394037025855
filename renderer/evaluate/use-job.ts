/** A job's figures, read anew as its answers come. */
import type { JobInfo } from '../../engine/protocol';
import { useStudio } from '../state/studio-context';
import { type Reading, useReading } from '../state/use-reading';
import { useSettled } from './use-settled';

/** Statistics over many lanes take a while; they are asked for this often at most, in milliseconds. */
const ANEW_MS = 1_500;

/** Changes whenever a job's figures do, and not more often than every `ANEW_MS`. */
function useVersion({ jobId, done, state, config }: JobInfo): string {
  const graders = config.graders.map(({ name }) => name).join();
  return useSettled(`${jobId} ${done} ${state} ${graders}`, ANEW_MS);
}

type Asked<T> = (jobId: string, signal: AbortSignal) => Promise<T>;

/** @param asked of the job, while a view of it is open */
export function useOfJob<T>(job: JobInfo, what: string, asked: Asked<T>): Reading<T> {
  const version = useVersion(job);
  return useReading({
    key: version.startsWith(job.jobId) ? `${what} ${version}` : `${what} ${job.jobId}`,
    scope: `${what} ${job.jobId}`,
    read: (signal) => asked(job.jobId, signal),
  });
}

export function useSummary(job: JobInfo) {
  const { evaluations } = useStudio();
  return useOfJob(job, 'summary', evaluations.summary);
}

export function useMatrix(job: JobInfo) {
  const { evaluations } = useStudio();
  return useOfJob(job, 'matrix', evaluations.matrix);
}
