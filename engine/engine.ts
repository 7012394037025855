/** The engine's one door: what the process host, the server and the command line call. */
import { fileURLToPath } from 'node:url';
import { groupInfo, resolveGroups } from './analysis/groups';
import type { Answer } from './generate/decode';
import { type RunRecord, run } from './generate/run';
import { Model } from './model/model';
import {
  badInput,
  type ModelInfo,
  ModelSettings,
  type Params,
  type Result,
  type RunConfig,
  type RunEvent,
  toEngineError,
} from './protocol';
import type { NamedTensor } from './runs/safetensors';

export interface Engine {
  /** Opens a model (or returns it, if it is the one that is open). */
  openModel(settings: Params<'model.open'>): Promise<ModelInfo>;
  /**
   * Runs to the end and never rejects: failures arrive as `run.failed`. One run at a time; a second one waits.
   * `emit` is called in order; the last event ends the run (see `endsRun`).
   */
  run(runId: string, config: RunConfig, emit: (event: RunEvent) => void): Promise<void>;
  /** Stops a run (waiting or working) at its next step, token or chunk. Unknown ids are ignored. */
  cancel(runId: string): void;
  /** Stops one lane's answer; the others go on. */
  stopLane(runId: string, lane: string): void;
  searchShifts(params: Params<'shift.search'>): Promise<Result<'shift.search'>>;
  /** The vectors of the last run, as they are saved beside its events (see `saveRun`). */
  vectors(runId: string): Promise<NamedTensor[]>;
  /** Frees the model. */
  dispose(): Promise<void>;
}

export interface EngineOptions {
  /** The model that answers when none is named. */
  readonly starterFolder?: string;
}

export const STARTER_FOLDER = fileURLToPath(new URL('../assets/starter/model', import.meta.url));

export function createEngine({ starterFolder = STARTER_FOLDER }: EngineOptions = {}): Engine {
  return new LocalEngine(starterFolder);
}

/** What is kept of the last run, to answer what its events do not. */
class KeptRun implements RunRecord {
  /** Each lane's delta [d], a step after the other. */
  readonly deltas = new Map<string, Float32Array[]>();
  readonly answers = new Map<string, Answer>();

  constructor(
    readonly runId: string,
    readonly model: Model,
  ) {}

  step(lane: string, delta: Float32Array): void {
    this.deltas.set(lane, [...(this.deltas.get(lane) ?? []), delta]);
  }

  answer(answer: Answer): void {
    this.answers.set(answer.lane, answer);
  }
}

class LocalEngine implements Engine {
  private open: { readonly key: string; readonly model: Model } | undefined;
  /** The work before: a model opens or a run runs when all that was asked for earlier is over. */
  private queue: Promise<unknown> = Promise.resolve();
  private readonly cancels = new Map<string, AbortController>();
  private readonly stopped = new Set<string>();
  private kept: KeptRun | undefined;

  constructor(private readonly starterFolder: string) {}

  openModel(settings: Params<'model.open'>): Promise<ModelInfo> {
    return this.enqueue(async () => describe(await this.model(ModelSettings.parse(settings))));
  }

  run(runId: string, config: RunConfig, emit: (event: RunEvent) => void): Promise<void> {
    const cancel = new AbortController();
    this.cancels.set(runId, cancel);
    return this.enqueue(async () => {
      try {
        cancel.signal.throwIfAborted();
        const started = performance.now();
        const model = await this.model(config.model);
        const loadMs = performance.now() - started;
        const record = new KeptRun(runId, model);
        this.kept = record;
        const isStopped = (lane: string) => this.stopped.has(laneKey(runId, lane));
        await run(model, loadMs, { runId, config, emit, signal: cancel.signal, isStopped, record });
      } catch (thrown) {
        if (cancel.signal.aborted) emit({ type: 'run.cancelled' });
        else {
          const { kind, code, message, hint } = toEngineError(thrown);
          emit({ type: 'run.failed', kind, code, message, hint });
        }
      } finally {
        this.cancels.delete(runId);
        this.stopped.clear();
      }
    });
  }

  cancel(runId: string): void {
    this.cancels.get(runId)?.abort();
  }

  stopLane(runId: string, lane: string): void {
    if (this.cancels.has(runId)) this.stopped.add(laneKey(runId, lane));
  }

  async searchShifts({
    runId,
    lane,
    search,
    limit = 50,
  }: Params<'shift.search'>): Promise<Result<'shift.search'>> {
    const kept = this.kept;
    if (kept?.runId !== runId) {
      throw badInput(
        'run-gone',
        'the engine no longer holds this run',
        'Run the prompt again to look up its shifts.',
      );
    }
    const { head, tokenizer } = kept.model;
    const ids = tokenizer.search(search, head.vocab);
    const shown = ids.slice(0, limit);
    const shifts: number[][] = shown.map(() => []);
    for (const delta of kept.deltas.get(lane) ?? []) {
      const b = await head.project(delta);
      shown.forEach((id, i) => {
        shifts[i]!.push(b[id]! * head.logitScale);
      });
    }
    const tokens = shown.map((id, i) => ({ id, token: tokenizer.text(id), shifts: shifts[i]! }));
    return { total: ids.length, tokens };
  }

  async vectors(runId: string): Promise<NamedTensor[]> {
    const { model, deltas } = this.keptRun(runId);
    const { head } = model;
    const tensors: NamedTensor[] = [];
    for (const [lane, steps] of deltas) {
      const data = new Float32Array(steps.length * head.hiddenSize);
      for (const [step, delta] of steps.entries()) data.set(delta, step * head.hiddenSize);
      const b = await head.project(steps.at(-1)!);
      tensors.push(
        { name: `${lane}.delta`, shape: [steps.length, head.hiddenSize], data },
        { name: `${lane}.shift`, shape: [head.vocab], data: b.map((value) => value * head.logitScale) },
      );
    }
    return tensors;
  }

  dispose(): Promise<void> {
    for (const cancel of this.cancels.values()) cancel.abort();
    return this.enqueue(() => this.closeModel());
  }

  private keptRun(runId: string): KeptRun {
    if (this.kept?.runId === runId) return this.kept;
    throw badInput(
      'run-gone',
      'the engine no longer holds this run',
      'Run the prompt again to look up its shifts.',
    );
  }

  private enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(work);
    this.queue = result.catch(() => undefined);
    return result;
  }

  private async model(settings: ModelSettings): Promise<Model> {
    const key = JSON.stringify(settings);
    if (this.open?.key === key) return this.open.model;
    await this.closeModel();
    const { folder, dtype, memorySaver } = settings;
    const which = folder === null ? { folder: this.starterFolder, id: 'starter' } : { folder };
    const model = await Model.open({ ...which, dtype, memorySaver });
    this.open = { key, model };
    return model;
  }

  private async closeModel(): Promise<void> {
    const model = this.open?.model;
    this.open = undefined;
    this.kept = undefined;
    await model?.release();
  }
}

function laneKey(runId: string, lane: string): string {
  return `${runId}/${lane}`;
}

function describe(model: Model): ModelInfo {
  const { folder, headInfo, tokenizer } = model;
  const groups = resolveGroups(tokenizer, headInfo.vocab, model.stopIds);
  return {
    id: folder.id,
    folder: folder.path,
    dtype: folder.dtype,
    dtypes: [...folder.dtypes],
    projection: headInfo.projection.operator,
    tail: headInfo.tail.map(({ op }) => op),
    vocab: headInfo.vocab,
    hidden: headInfo.hiddenSize,
    layers: model.layers,
    contextLength: model.contextLength ?? null,
    hasChatTemplate: model.template !== undefined,
    groups: groupInfo(groups, tokenizer),
  };
}
