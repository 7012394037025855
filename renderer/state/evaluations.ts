/** What the user can do with evaluations, as functions over the client and the store; no component code. */
import {
  type EvaluationConfig,
  type EvaluationPreview,
  type ExportFormat,
  type GraderChoice,
  type JobInfo,
  oneLine,
  type Result,
  type RunConfig,
  type TokenFigure,
  toFailure,
} from '../../engine/protocol';
import type { EngineClient } from '../engine/engine-client';
import type { AppState } from './app-state';
import { draftOfRun } from './draft-of-run';
import type { EngineControl } from './engine-control';
import { type EvaluationPlace, reduceJobs } from './evaluations/state';
import { firstTurn } from './first-turn';
import type { AppStore } from './store';
import type { Toasts } from './toasts';
import { undoToast } from './undo';

export interface Evaluations {
  show(place: Partial<EvaluationPlace>): void;
  /** Reads the list, and what an evaluation can be made of, anew. */
  refresh(): Promise<void>;
  /** Rejects with an EngineError, as all that read do. */
  preview(config: EvaluationConfig, signal: AbortSignal): Promise<EvaluationPreview>;
  /** Why it did not start is in the state; what was typed stays. */
  start(config: EvaluationConfig, title: string): Promise<void>;
  pause(jobId: string): Promise<void>;
  resume(jobId: string): Promise<void>;
  rename(jobId: string, title: string): Promise<void>;
  /** The toast undoes it. */
  delete(job: JobInfo): Promise<void>;
  regrade(jobId: string, graders: readonly GraderChoice[]): Promise<void>;
  summary(jobId: string, signal: AbortSignal): Promise<Result<'evaluations.summary'>>;
  matrix(jobId: string, signal: AbortSignal): Promise<Result<'evaluations.matrix'>>;
  problem(jobId: string, problem: string, signal: AbortSignal): Promise<Result<'evaluations.problem'>>;
  figure(jobId: string, lane: string, signal: AbortSignal): Promise<TokenFigure | null>;
  exported(jobId: string, format: ExportFormat): Promise<string>;
  import(file: Pick<File, 'name' | 'text'>): Promise<void>;
  /** Loads a problem's run into the workbench, with the model it was asked of, and runs it; the toast undoes it. */
  openInWorkbench(run: RunConfig): Promise<void>;
  close(): void;
}

export function createEvaluations(
  client: EngineClient,
  store: AppStore,
  control: Pick<EngineControl, 'start' | 'cancel' | 'openModel'>,
  toasts: Toasts,
): Evaluations {
  const { getState, setState } = store;
  const { request } = client;

  const show: Evaluations['show'] = (place) =>
    setState(({ evaluationPlace }) => ({ evaluationPlace: { ...evaluationPlace, ...place } }));

  async function refresh(): Promise<void> {
    try {
      const [{ jobs }, evaluationOptions] = await Promise.all([
        request('evaluations.list', {}),
        request('evaluations.options', {}),
      ]);
      setState({ jobs, jobsFailure: null, evaluationOptions });
    } catch (thrown) {
      setState({ jobsFailure: toFailure(thrown) });
    }
  }

  const unsubscribes = [
    client.onEvaluation((event) => {
      const jobs = reduceJobs(getState().jobs, event);
      if (jobs !== getState().jobs) setState({ jobs });
      const { job } = getState().evaluationPlace;
      if (event.type === 'deleted' && event.jobId === job) show({ job: null, problem: null });
    }),
    store.subscribe((state, before) => {
      const isBack = state.engine.state === 'ready' && before.engine.state !== 'ready';
      if (isBack || (state.room === 'evaluate' && before.room !== 'evaluate')) void refresh();
    }),
  ];
  if (getState().engine.state === 'ready') void refresh();

  return {
    show,
    refresh,
    preview: (config, signal) => request('evaluations.preview', config, signal),
    async start(config, title) {
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
    },
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
    summary: (jobId, signal) => request('evaluations.summary', { jobId }, signal),
    matrix: (jobId, signal) => request('evaluations.matrix', { jobId }, signal),
    problem: (jobId, problem, signal) => request('evaluations.problem', { jobId, problem }, signal),
    figure: (jobId, lane, signal) => request('evaluations.figure', { jobId, lane }, signal),
    exported: async (jobId, format) => (await request('evaluations.export', { jobId, format })).text,
    import: (file) =>
      toasts.attempt(async () => {
        const job = await importFile(file);
        await refresh();
        show({ job: job.jobId, problem: null });
        toasts.say(`Imported ${oneLine(file.name, 200)}.`);
      }),
    openInWorkbench: (run) => openRun(run),
    close() {
      for (const unsubscribe of unsubscribes) unsubscribe();
    },
  };

  /** Rejects with one line that names the file. */
  async function importFile(file: Pick<File, 'name' | 'text'>): Promise<JobInfo> {
    try {
      return await request('evaluations.import', { text: await file.text() });
    } catch (thrown) {
      const { message, hint } = toFailure(thrown);
      const why = [message, hint].filter((part) => part !== '').join('. ');
      throw new Error(`Nothing was imported: ${oneLine(file.name, 200)}, ${why}`);
    }
  }

  async function deleteJob({ jobId, title }: JobInfo): Promise<void> {
    await request('evaluations.delete', { jobId });
    const restore = async () => {
      await request('evaluations.restore', { jobId });
      show({ job: jobId });
    };
    const name = title === '' ? 'the evaluation' : `“${oneLine(title, 40)}”`;
    toasts.say(`Deleted ${name}.`, { name: 'Undo', run: () => void toasts.attempt(restore) });
  }

  /** Brings back the whole form, and the place that the user came from. */
  function undoOpening(): Pick<AppState, 'toast'> {
    const { template, listLength, groups, modelChoice, room, shownPane } = getState();
    const text = 'The problem took the place of your prompt.';
    const { toast } = undoToast(store, () => void control.cancel(), text);
    if (!toast?.action) return { toast };
    const { name, run } = toast.action;
    const back = () => {
      run();
      setState({ template, listLength, groups, modelChoice, room, shownPane });
    };
    return { toast: { ...toast, action: { name, run: back } } };
  }

  async function openRun(run: RunConfig): Promise<void> {
    const undo = undoOpening();
    const { folder, dtype, ...how } = run.model;
    const modelChoice = { folder: folder ?? '', dtype: dtype ?? '', ...how };
    const isSame = JSON.stringify(modelChoice) === JSON.stringify(getState().modelChoice);
    setState({ ...draftOfRun(run, getState()), modelChoice, room: 'workbench', shownPane: 'answers' });
    const started = control.start(
      run,
      (runId): Partial<AppState> => ({
        ...firstTurn(getState(), runId),
        ...undo,
      }),
    );
    if (!isSame) void control.openModel();
    await started;
  }
}
