/** The Evaluate view's part of the state: what is typed, where the user is, and the jobs as they stand. */
import { z } from 'zod';
import {
  type DamagedJob,
  type EvaluationEvent,
  type EvaluationOptions,
  type Failure,
  JobId,
  type JobInfo,
} from '../../../engine/protocol';
import { DEFAULT_EVALUATION, type EvaluationDraft } from './draft';

/** What the window shows under its top bar. */
export const Room = z.enum(['workbench', 'evaluate']);
export type Room = z.infer<typeof Room>;

export const JobTab = z.enum(['results', 'problems', 'tokens', 'provenance']);
export type JobTab = z.infer<typeof JobTab>;

/** A job of null is the form for a new one. */
export const EvaluationPlace = z.object({
  job: JobId.nullable(),
  tab: JobTab,
  problem: z.string().max(1_000).nullable(),
});
export type EvaluationPlace = z.infer<typeof EvaluationPlace>;

export interface EvaluationsState {
  readonly room: Room;
  readonly evaluationDraft: EvaluationDraft;
  readonly evaluationPlace: EvaluationPlace;
  /** Newest first; null until they were read. */
  readonly jobs: readonly JobInfo[] | null;
  readonly jobsFailure: Failure | null;
  /** Those that cannot be read. */
  readonly damagedJobs: readonly DamagedJob[];
  readonly evaluationOptions: EvaluationOptions | null;
  /** Why the last one was not started. */
  readonly startFailure: Failure | null;
  readonly startingJob: boolean;
}

export const INITIAL_EVALUATIONS: EvaluationsState = {
  room: 'workbench',
  evaluationDraft: DEFAULT_EVALUATION,
  evaluationPlace: { job: null, tab: 'results', problem: null },
  jobs: null,
  jobsFailure: null,
  damagedJobs: [],
  evaluationOptions: null,
  startFailure: null,
  startingJob: false,
};

/** The jobs after what one of them told; before they were read, what is told is read with them. */
export function reduceJobs(
  jobs: readonly JobInfo[] | null,
  event: EvaluationEvent,
): readonly JobInfo[] | null {
  if (jobs === null) return null;
  switch (event.type) {
    case 'answer':
      return jobs;
    case 'deleted':
      return jobs.filter(({ jobId }) => jobId !== event.jobId);
    case 'job': {
      const { job } = event;
      if (jobs.some(({ jobId }) => jobId === job.jobId))
        return jobs.map((each) => (each.jobId === job.jobId ? job : each));
      return [...jobs, job].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    }
    default:
      return event satisfies never;
  }
}

export function isAtWork({ state }: Pick<JobInfo, 'state'>): boolean {
  return state === 'running' || state === 'waiting';
}
