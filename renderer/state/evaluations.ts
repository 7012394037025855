/** What the user can do with evaluations, as functions over the client and the store; no component code. */
import {
  type EvaluationConfig,
  type EvaluationPreview,
  type ExportFormat,
  type Result,
  type RunConfig,
  type TokenFigure,
  toFailure,
} from '../../engine/protocol';
import type { EngineClient } from '../engine/engine-client';
import { type JobActions, jobActions, type Shown } from './evaluations/job-actions';
import { reduceJobs } from './evaluations/state';
import { openInWorkbench, type RunControl } from './evaluations/workbench';
import type { AppStore } from './store';
import type { Toasts } from './toasts';

export interface Evaluations extends Shown, JobActions {
  /** Rejects with an EngineError, as all that read do. */
  preview(config: EvaluationConfig, signal: AbortSignal): Promise<EvaluationPreview>;
  /** Why it did not start is in the state; what was typed stays. */
  start(config: EvaluationConfig, title: string): Promise<void>;
  summary(jobId: string, signal: AbortSignal): Promise<Result<'evaluations.summary'>>;
  matrix(jobId: string, signal: AbortSignal): Promise<Result<'evaluations.matrix'>>;
  problem(jobId: string, problem: string, signal: AbortSignal): Promise<Result<'evaluations.problem'>>;
  figure(jobId: string, lane: string, signal: AbortSignal): Promise<TokenFigure | null>;
  exported(jobId: string, format: ExportFormat): Promise<string>;
  /** Loads a problem's run into the workbench, with the model it was asked of, and runs it; the toast undoes it. */
  openInWorkbench(run: RunConfig): Promise<void>;
  close(): void;
}

export function createEvaluations(
  client: EngineClient,
  store: AppStore,
  control: RunControl,
  toasts: Toasts,
): Evaluations {
  const { getState, setState } = store;
  const { request } = client;

  const show: Evaluations['show'] = (place) =>
    setState(({ evaluationPlace }) => ({ evaluationPlace: { ...evaluationPlace, ...place } }));

  async function refresh(): Promise<void> {
    try {
      const [{ jobs, damaged }, evaluationOptions] = await Promise.all([
        request('evaluations.list', {}),
        request('evaluations.options', {}),
      ]);
      setState({ jobs, jobsFailure: null, damagedJobs: damaged, evaluationOptions });
    } catch (thrown) {
      setState({ jobsFailure: toFailure(thrown) });
    }
  }

  async function start(config: EvaluationConfig, title: string): Promise<void> {
    if (getState().startingJob) return;
    setState({ startingJob: true, startFailure: null });
    try {
      const job = await request('evaluations.start', { jobId: crypto.randomUUID(), title, config });
      setState({ jobs: reduceJobs(getState().jobs ?? [], { type: 'job', job }) });
      show({ job: job.jobId, tab: 'results', problem: null });
    } catch (thrown) {
      setState({ startFailure: toFailure(thrown) });
    } finally {
      setState({ startingJob: false });
    }
  }

  const close = follow(client, store, { show, refresh });
  if (getState().engine.state === 'ready') void refresh();

  return {
    show,
    refresh,
    start,
    ...jobActions(client, toasts, { show, refresh }),
    preview: (config, signal) => request('evaluations.preview', config, signal),
    summary: (jobId, signal) => request('evaluations.summary', { jobId }, signal),
    matrix: (jobId, signal) => request('evaluations.matrix', { jobId }, signal),
    problem: (jobId, problem, signal) => request('evaluations.problem', { jobId, problem }, signal),
    figure: (jobId, lane, signal) => request('evaluations.figure', { jobId, lane }, signal),
    exported: async (jobId, format) => (await request('evaluations.export', { jobId, format })).text,
    openInWorkbench: (run) => openInWorkbench(store, control, run),
    close,
  };
}

/** Keeps the list up to date until the returned function is called. */
function follow(client: EngineClient, store: AppStore, { show, refresh }: Shown): () => void {
  const { getState, setState } = store;
  const unsubscribes = [
    client.onEvaluation((event) => {
      const jobs = reduceJobs(getState().jobs, event);
      if (jobs !== getState().jobs) setState({ jobs });
      if (event.type !== 'deleted') return;
      const { damagedJobs, evaluationPlace } = getState();
      setState({ damagedJobs: damagedJobs.filter(({ jobId }) => jobId !== event.jobId) });
      if (event.jobId === evaluationPlace.job) show({ job: null, problem: null });
    }),
    store.subscribe((state, before) => {
      const isBack = state.engine.state === 'ready' && before.engine.state !== 'ready';
      if (isBack || (state.room === 'evaluate' && before.room !== 'evaluate')) void refresh();
    }),
  ];
  return () => {
    for (const unsubscribe of unsubscribes) unsubscribe();
  };
}
