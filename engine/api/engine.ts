/** The engine's one door: what the process host, the server and the command line call. */
import { fileURLToPath } from 'node:url';
import { evaluationOptions } from '../evaluate/options';
import { encodePrompt } from '../generate/prompt';
import { Models } from '../hub/models';
import {
  badInput,
  type EvaluationEvent,
  type Method,
  type ParsedParams,
  type Preparing,
  type Pull,
  type Result,
  type RunConfig,
  type RunEvent,
} from '../protocol';
import { ServerKeys } from '../remote/keys';
import { Servers } from '../remote/servers';
import { dataFolder } from '../runs/data-folder';
import { RunStore } from '../runs/store';
import { ActiveRuns } from './active-runs';
import { diagnosticsOf } from './diagnostics';
import { Evaluations } from './evaluations';
import { readDelta } from './given-deltas';
import { modelInfo } from './model-info';
import { ModelTurns } from './model-turns';
import { RunFigures } from './run-figures';
import { similarity } from './similarity';

/** All requests but runs. */
export type Query = Exclude<Method, 'run.start' | 'run.cancel' | 'lane.stop'>;
type Handlers = {
  readonly [M in Query]: (params: ParsedParams<M>, signal: AbortSignal) => Result<M> | Promise<Result<M>>;
};

export interface Engine {
  /** @param signal stops it where that is possible, and rejects with its reason (see `cancelled`) */
  query<M extends Query>(method: M, params: ParsedParams<M>, signal?: AbortSignal): Promise<Result<M>>;
  /**
   * Runs to the end and never rejects: failures arrive as `run.failed`. One run at a time; a second one waits.
   * @param emit called in order; the last event ends the run (see `endsRun`)
   * @param save whether to keep the run on disk as it goes
   */
  run(runId: string, config: RunConfig, emit: (event: RunEvent) => void, save?: boolean): Promise<void>;
  /** Stops a run (waiting or working) at its next step, token or chunk. Unknown ids are ignored. */
  cancel(runId: string): void;
  /** Stops one lane's answer; the others go on. */
  stopLane(runId: string, lane: string): void;
  /** Calls back with every download's progress until the returned function is called. */
  watchPulls(callback: (pull: Pull) => void): () => void;
  /** Calls back with how far the weights of a model are that is being opened, until the returned function is called. */
  watchPreparing(callback: (preparing: Preparing | null) => void): () => void;
  /** Calls back with what evaluations do until the returned function is called. */
  watchEvaluations(callback: (event: EvaluationEvent) => void): () => void;
  /** Gives the key of a server; it is kept in memory alone. Null forgets it. */
  setServerKey(address: string, key: string | null): void;
  /** Stops what runs and frees the model. */
  dispose(): Promise<void>;
}

interface EngineOptions {
  /** The model that answers when none is named. */
  readonly starterFolder?: string;
  /** Where runs are kept. */
  readonly dataFolder?: string;
  /** The server that SLOT_STUDIO_SERVER_KEY is for; by default SLOT_STUDIO_SERVER. */
  readonly server?: string | undefined;
  /** The server that SLOT_STUDIO_BASELINE_KEY is for. */
  readonly baselineServer?: string | undefined;
}

export const STARTER_FOLDER = fileURLToPath(new URL('../../assets/starter/model', import.meta.url));

export function createEngine(options: EngineOptions = {}): Engine {
  return new LocalEngine(options);
}

class LocalEngine implements Engine {
  private readonly kept: string;
  private readonly models: Models;
  private readonly store: RunStore;
  private readonly keys: ServerKeys;
  private readonly servers: Servers;
  private readonly turns: ModelTurns;
  private readonly runs: ActiveRuns;
  private readonly figures: RunFigures;
  private readonly evaluations: Evaluations;

  private readonly atHand = (runId: string) => this.figures.atHand(runId, this.turns);

  private readonly handlers: Handlers = {
    'model.open': (settings, signal) =>
      this.turns.opened(settings, signal, (opened) =>
        modelInfo(opened, this.models.library.dtypes(opened.model.folder.path)),
      ),
    'prompt.encode': ({ model: settings, prompt, template }, signal) =>
      this.turns.next(async () =>
        (await this.turns.model(settings, signal)).use(({ model }) => ({
          ids: [...encodePrompt(model, prompt, template).ids],
        })),
      ),
    'shift.search': (params) => this.figures.searchShifts(params),
    'shift.read': ({ runId, lane, step }) => this.figures.vectors(runId).at(lane, step),
    'shift.series': ({ runId, lane, ids, factor = 1 }, signal) =>
      factor === 1
        ? this.figures.vectors(runId).figures(lane, ids)
        : this.atHand(runId).series(lane, ids, factor, signal),
    'vocabulary.read': (params) => this.figures.vocabularyPage(params),
    'shift.scaled': (params) => this.atHand(params.runId).scaled(params),
    'distribution.read': ({ runId, lane, index, factor }) =>
      this.atHand(runId).distribution(lane, index, factor),
    'answer.massMoved': (params, signal) => this.atHand(params.runId).massMoved(params, signal),
    'runs.list': () => ({ runs: this.store.list() }),
    'runs.read': ({ runId }) => this.store.read(runId),
    'runs.label': ({ runId, labels }) => this.store.label(runId, labels),
    'runs.delete': ({ runId }) => this.deleteRun(runId),
    'runs.restore': ({ runId }) => this.store.restore(runId),
    'runs.export': ({ runId }) => ({ text: this.store.lines(runId) }),
    'runs.import': async ({ text }) => ({ runId: await this.store.import(text) }),
    'runs.vectors': async ({ runId }) => ({ file: await this.figures.vectorsFile(runId) }),
    'runs.importVectors': (params) => this.figures.addVectors(params),
    'delta.read': (params) => readDelta(params, this.figures),
    'deltas.similarity': (params) => similarity(params, this.figures, this.turns.current),
    'diagnostics.read': () =>
      diagnosticsOf({
        'Runs and evaluations': this.kept,
        'Prepared weights': this.models.prepared.weights.folder,
        'Hugging Face cache': this.models.library.cache.folder,
      }),
    'models.list': () => this.models.list(),
    'models.curated': () => this.models.curated(),
    'models.search': (params, signal) => this.models.search(params, signal),
    'models.inspect': (params, signal) => this.models.inspect(params, signal),
    'models.pull': (params) => this.models.pull(params),
    'models.pause': ({ pullId }) => this.models.pause(pullId),
    'models.remove': (params) => this.removeModel(params),
    'models.prepared': () => this.models.prepared.list(),
    'models.removePrepared': ({ key }) => this.models.prepared.remove(key),
    'models.addFolder': ({ folder }) => ({ model: this.models.library.addFolder(folder) }),
    'models.forgetFolder': ({ folder }) => this.models.library.forgetFolder(folder),
    'evaluations.list': () => this.evaluations.list(),
    'evaluations.options': () => evaluationOptions(),
    'evaluations.preview': (config, signal) => this.evaluations.preview(config, signal),
    'evaluations.start': (params, signal) => this.evaluations.start(params, signal),
    'evaluations.pause': ({ jobId }) => this.evaluations.pause(jobId),
    'evaluations.resume': ({ jobId }) => this.evaluations.resume(jobId),
    'evaluations.rename': ({ jobId, title }) => this.evaluations.rename(jobId, title),
    'evaluations.delete': ({ jobId }) => this.evaluations.delete(jobId),
    'evaluations.restore': ({ jobId }) => this.evaluations.restore(jobId),
    'evaluations.regrade': (params, signal) => this.evaluations.regrade(params, signal),
    'evaluations.summary': ({ jobId }) => this.evaluations.summary(jobId),
    'evaluations.matrix': ({ jobId }) => this.evaluations.matrix(jobId),
    'evaluations.problem': ({ jobId, problem }) => this.evaluations.problem(jobId, problem),
    'evaluations.figure': ({ jobId, lane }) => this.evaluations.figure(jobId, lane),
    'evaluations.export': (params) => this.evaluations.export(params),
    'evaluations.import': ({ text }) => this.evaluations.import(text),
    'servers.list': () => this.servers.list(),
    'servers.add': (params, signal) => this.servers.add(params, signal),
    'servers.status': ({ address }, signal) => this.servers.status(address, signal),
    'servers.forget': ({ address }) => this.servers.forget(address),
  };

  constructor(options: EngineOptions) {
    const kept = options.dataFolder ?? dataFolder();
    this.keys = new ServerKeys(process.env, options.server, options.baselineServer);
    this.servers = new Servers(kept, this.keys);
    this.kept = kept;
    this.models = new Models(options.starterFolder ?? STARTER_FOLDER, kept);
    this.store = new RunStore(kept);
    this.store.tidy();
    this.figures = new RunFigures(this.store);
    this.turns = new ModelTurns(this.models, this.keys, () => {
      this.figures.forgetModel();
    });
    this.runs = new ActiveRuns(this.turns, this.store, this.figures);
    this.evaluations = new Evaluations(kept, this.turns, this.figures);
  }

  async query<M extends Query>(
    method: M,
    params: ParsedParams<M>,
    signal = new AbortController().signal,
  ): Promise<Result<M>> {
    signal.throwIfAborted();
    try {
      return await this.handlers[method](params, signal);
    } catch (thrown) {
      // An abort may surface as any error.
      signal.throwIfAborted();
      throw thrown;
    }
  }

  run(runId: string, config: RunConfig, emit: (event: RunEvent) => void, save = false): Promise<void> {
    return this.runs.run(runId, config, emit, save);
  }

  cancel(runId: string): void {
    this.runs.cancel(runId);
  }

  stopLane(runId: string, lane: string): void {
    this.runs.stopLane(runId, lane);
  }

  watchPulls(callback: (pull: Pull) => void): () => void {
    return this.models.watch(callback);
  }

  watchPreparing(callback: (preparing: Preparing | null) => void): () => void {
    return this.models.prepared.watch(callback);
  }

  watchEvaluations(callback: (event: EvaluationEvent) => void): () => void {
    return this.evaluations.watch(callback);
  }

  setServerKey(address: string, key: string | null): void {
    this.keys.set(address, key);
  }

  async dispose(): Promise<void> {
    await this.evaluations.stop();
    await this.models.stop();
    this.runs.cancelAll();
    await this.turns.stop();
  }

  private deleteRun(runId: string): void {
    if (this.runs.has(runId)) throw badInput('run-active', 'this run has not ended yet', 'Cancel it first.');
    this.store.delete(runId);
    this.figures.forgetStored();
  }

  /** An open model's files may be mapped: it is closed first, and neither an opening nor a run is cut short for it. */
  private async removeModel(params: ParsedParams<'models.remove'>): Promise<Result<'models.remove'>> {
    if (!this.turns.uses(this.models.removable(params))) return this.models.remove(params);
    if (this.turns.isBusy) {
      throw badInput(
        'model-in-use',
        `${params.id} is being opened, or a run uses it`,
        'Wait for that to end, or cancel it.',
      );
    }
    return this.turns.next(async () => {
      await this.turns.close();
      return this.models.remove(params);
    });
  }
}
