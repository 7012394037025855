/** What the engine keeps of a run by token and step, read when first needed and remembered while there is room. */
import { LRUCache } from 'lru-cache';
import type { Method, Params, Result } from '../../../engine/protocol';
import type { RunView } from '../run-view';
import type { TokenSeries } from './heatmap';
import { PositionColumns, StepColumns } from './metrics';
import { readVocabulary } from './read-vocabulary';

type Request = <M extends Method>(method: M, params: Params<M>) => Promise<Result<M>>;

/** A run as far as its vocabulary goes. */
export interface RunModel {
  readonly runId: string;
  readonly model: string;
  readonly vocab: number;
  /** Tokens that are known to be in the vocabulary: by them a remembered one is told from a namesake's. */
  readonly ids: readonly number[];
  readonly tokens: readonly string[];
}

/** Null before a run has said what it is. */
export function runModelOf({
  runId,
  model,
  prompt,
}: Pick<RunView, 'runId' | 'model' | 'prompt'>): RunModel | null {
  if (runId === null || model === null || prompt === null) return null;
  return { runId, model: model.id, vocab: model.vocab, ids: prompt.ids, tokens: prompt.tokens };
}

export interface VectorReader {
  /** Every token's text by id. All of these reject with an EngineError. */
  vocabulary(run: RunModel): Promise<readonly string[]>;
  /** @param updates of delta; 0 is before the first */
  step(runId: string, lane: string, updates: number): Promise<StepColumns>;
  /** As `step`, with the delta after `updates`, at least one, times `factor`. */
  scaled(runId: string, lane: string, updates: number, factor: number): Promise<ScaledStep>;
  /** @param factor what each step's delta is multiplied by */
  series(
    runId: string,
    lane: string,
    ids: readonly number[],
    factor?: number,
  ): Promise<ReadonlyMap<number, TokenSeries>>;
  /** @param factor what delta is multiplied by */
  position(runId: string, lane: string, index: number, factor?: number): Promise<PositionColumns>;
  /**
   * p_slot - p_base by token, mean over the answer. What was worked out before a stop is kept for the next time.
   * @param signal rejects with its reason
   */
  answerMass(
    runId: string,
    lane: string,
    signal: AbortSignal,
    onProgress: (done: number, positions: number) => void,
    factor?: number,
  ): Promise<Float32Array>;
  /** Whether it is all worked out, so that asking again costs nothing. */
  hasAnswerMass(runId: string, lane: string, factor?: number): boolean;
}

/** A step whose delta is multiplied. */
export interface ScaledStep extends Pick<Result<'shift.scaled'>, 'loss' | 'baseLoss' | 'deltaNorm'> {
  readonly columns: StepColumns;
}

/** The mass moved over the first `done` positions of an answer, summed by token. */
interface AnswerSum {
  moved: Float64Array;
  done: number;
  positions: number;
}

const emptySum = (): AnswerSum => ({
  moved: new Float64Array(),
  done: 0,
  positions: Number.POSITIVE_INFINITY,
});

const MAX_VOCABULARIES = 3;
/** Vectors and what is worked out from them, in bytes. */
const STEP_BUDGET = 192 * 2 ** 20;
const VECTORS_PER_STEP = 8;
const MAX_POSITIONS = 8;
const MAX_LANES = 8;

export function createVectorReader(request: Request): VectorReader {
  return new EngineVectors(request);
}

class EngineVectors implements VectorReader {
  readonly #request: Request;
  readonly #vocabularies = remembered<readonly string[]>({ max: MAX_VOCABULARIES });
  readonly #steps = remembered<StepColumns>({
    maxSize: STEP_BUDGET,
    sizeCalculation: ({ size }) => size * 4 * VECTORS_PER_STEP,
  });
  readonly #scaled = remembered<ScaledStep>({
    maxSize: STEP_BUDGET,
    sizeCalculation: ({ columns }) => columns.size * 4 * VECTORS_PER_STEP,
  });
  readonly #bases = remembered<Float32Array>({ max: MAX_LANES });
  readonly #positions = remembered<PositionColumns>({ max: MAX_POSITIONS });
  readonly #answers = remembered<AnswerSum>({ max: MAX_LANES });
  readonly #series = remembered<Map<number, TokenSeries>>({ max: MAX_LANES });

  constructor(request: Request) {
    this.#request = request;
  }

  async vocabulary(run: RunModel): Promise<readonly string[]> {
    const name = key(run.model, run.vocab);
    const read = () =>
      this.#vocabularies.forceFetch(name, { context: () => readVocabulary(this.#request, run.runId) });
    const tokens = await read();
    if (run.ids.every((id, i) => tokens[id] === run.tokens[i])) return tokens;
    this.#vocabularies.delete(name);
    return read();
  }

  step(runId: string, lane: string, updates: number): Promise<StepColumns> {
    return this.#steps.forceFetch(key(runId, lane, updates), {
      context: async () => {
        // Remembered too, so that what is worked out from it is.
        if (updates === 0) return StepColumns.untouched(await this.step(runId, lane, 1));
        const { baseMeanP, ...own } = await this.#request('shift.read', { runId, lane, step: updates - 1 });
        // The same for all steps of the lane, and so are its ranks.
        const base = await this.#bases.forceFetch(key(runId, lane), { context: async () => baseMeanP });
        return new StepColumns({ ...own, baseMeanP: base }).prepare(nextTask);
      },
    });
  }

  scaled(runId: string, lane: string, updates: number, factor: number): Promise<ScaledStep> {
    return this.#scaled.forceFetch(key(runId, lane, updates, factor), {
      context: async () => {
        const params = { runId, lane, step: updates - 1, factor };
        const { shift, meanP, baseMeanP, ...figures } = await this.#request('shift.scaled', params);
        const base = await this.#bases.forceFetch(key(runId, lane), { context: async () => baseMeanP });
        const columns = new StepColumns({ shift, meanP, baseMeanP: base });
        return { ...figures, columns: await columns.prepare(nextTask) };
      },
    });
  }

  async series(
    runId: string,
    lane: string,
    ids: readonly number[],
    factor = 1,
  ): Promise<ReadonlyMap<number, TokenSeries>> {
    const known = await this.#series.forceFetch(key(runId, lane, factor), { context: async () => new Map() });
    const missing = ids.filter((id) => !known.has(id));
    if (missing.length > 0) {
      const scaling = factor === 1 ? {} : { factor };
      const found = await this.#request('shift.series', { runId, lane, ids: missing, ...scaling });
      for (const [row, id] of missing.entries()) known.set(id, seriesOf(found, row, id));
    }
    return known;
  }

  position(runId: string, lane: string, index: number, factor = 1): Promise<PositionColumns> {
    return this.#positions.forceFetch(key(runId, lane, index, factor), {
      context: async () =>
        new PositionColumns(await this.#request('distribution.read', { runId, lane, index, factor })),
    });
  }

  async answerMass(
    runId: string,
    lane: string,
    signal: AbortSignal,
    onProgress: (done: number, positions: number) => void,
    factor = 1,
  ): Promise<Float32Array> {
    const sum = await this.#answers.forceFetch(key(runId, lane, factor), { context: async () => emptySum() });
    while (sum.done < sum.positions) {
      signal.throwIfAborted();
      const from = sum.done;
      const part = await this.#request('answer.massMoved', { runId, lane, from, factor });
      // Another view may have asked for the same part.
      if (sum.done !== from) continue;
      sum.moved = Float64Array.from(part.massMoved, (moved, id) => moved + (sum.moved[id] ?? 0));
      sum.done = part.to;
      sum.positions = part.positions;
      onProgress(sum.done, sum.positions);
    }
    return Float32Array.from(sum.moved, (moved) => moved / sum.positions);
  }

  hasAnswerMass(runId: string, lane: string, factor = 1): boolean {
    const sum = this.#answers.peek(key(runId, lane, factor));
    return sum !== undefined && sum.done >= sum.positions;
  }
}

type Room<T> = { max: number } | { maxSize: number; sizeCalculation: (value: T) => number };

/** What was used last; two who ask at once share one request, and a failure is not remembered. */
function remembered<T extends object>(room: Room<T>): LRUCache<string, T, () => Promise<T>> {
  return new LRUCache<string, T, () => Promise<T>>({
    ...room,
    fetchMethod: (_name, _stale, { context }) => context(),
  });
}

const nextTask = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

function seriesOf(found: Result<'shift.series'>, row: number, id: number): TokenSeries {
  return {
    id,
    // The engine counts steps from 0: its step s is the update that makes s + 1.
    first: found.first + 1,
    shiftMean: found.shiftMean,
    shift: found.shift[row] ?? new Float32Array(),
    meanP: found.meanP[row] ?? new Float32Array(),
    rank: found.rank[row] ?? new Float32Array(),
    baseMeanP: found.baseMeanP[row] ?? 0,
    baseRank: found.baseRank[row] ?? 0,
  };
}

function key(...parts: readonly (string | number)[]): string {
  return JSON.stringify(parts);
}
