/** What the engine keeps of a run by token and step, read when first needed and remembered while there is room. */
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
  series(runId: string, lane: string, ids: readonly number[]): Promise<ReadonlyMap<number, TokenSeries>>;
  position(runId: string, lane: string, index: number): Promise<PositionColumns>;
  /**
   * p_slot - p_base by token, mean over the answer. What was worked out before a stop is kept for the next time.
   * @param signal rejects with its reason
   */
  answerMass(
    runId: string,
    lane: string,
    signal: AbortSignal,
    onProgress: (done: number, positions: number) => void,
  ): Promise<Float32Array>;
  /** Whether it is all worked out, so that asking again costs nothing. */
  hasAnswerMass(runId: string, lane: string): boolean;
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
  const vocabularies = new Kept<readonly string[]>(MAX_VOCABULARIES);
  const steps = new Kept<StepColumns>(64);
  const bases = new Kept<Float32Array>(MAX_LANES);
  const positions = new Kept<PositionColumns>(MAX_POSITIONS);
  const answers = new Kept<AnswerSum>(MAX_LANES);
  const wholeAnswers = new Set<string>();
  const series = new Kept<Map<number, TokenSeries>>(MAX_LANES);

  async function step(runId: string, lane: string, updates: number): Promise<StepColumns> {
    if (updates === 0) return StepColumns.untouched(await step(runId, lane, 1));
    const columns = await steps.get(key(runId, lane, updates), async () => {
      const { baseMeanP, ...own } = await request('shift.read', { runId, lane, step: updates - 1 });
      // The same for all steps of the lane, and so are its ranks.
      const base = await bases.get(key(runId, lane), async () => baseMeanP);
      return new StepColumns({ ...own, baseMeanP: base }).prepare(nextTask);
    });
    steps.most = Math.max(4, Math.floor(STEP_BUDGET / (columns.size * 4 * VECTORS_PER_STEP)));
    return columns;
  }

  return {
    async vocabulary(run) {
      const name = key(run.model, run.vocab);
      const tokens = await vocabularies.get(name, () => readVocabulary(request, run.runId));
      if (run.ids.every((id, i) => tokens[id] === run.tokens[i])) return tokens;
      vocabularies.forget(name);
      return vocabularies.get(name, () => readVocabulary(request, run.runId));
    },
    step: (runId, lane, updates) =>
      // The untouched state is remembered too, so that what is worked out from it is.
      updates === 0 ? steps.get(key(runId, lane, 0), () => step(runId, lane, 0)) : step(runId, lane, updates),
    async series(runId, lane, ids) {
      const known = await series.get(key(runId, lane), async () => new Map());
      const missing = ids.filter((id) => !known.has(id));
      if (missing.length > 0) {
        const found = await request('shift.series', { runId, lane, ids: missing });
        for (const [row, id] of missing.entries()) known.set(id, seriesOf(found, row, id));
      }
      return known;
    },
    position: (runId, lane, index) =>
      positions.get(key(runId, lane, index), async () => {
        return new PositionColumns(await request('distribution.read', { runId, lane, index }));
      }),
    async answerMass(runId, lane, signal, onProgress) {
      const name = key(runId, lane);
      const sum = await answers.get(name, async () => emptySum());
      while (sum.done < sum.positions) {
        signal.throwIfAborted();
        const from = sum.done;
        const part = await request('answer.massMoved', { runId, lane, from });
        // Another view may have asked for the same part.
        if (sum.done !== from) continue;
        sum.moved = Float64Array.from(part.massMoved, (moved, id) => moved + (sum.moved[id] ?? 0));
        sum.done = part.to;
        sum.positions = part.positions;
        onProgress(sum.done, sum.positions);
      }
      wholeAnswers.add(name);
      return Float32Array.from(sum.moved, (moved) => moved / sum.positions);
    },
    hasAnswerMass(runId, lane) {
      const name = key(runId, lane);
      return wholeAnswers.has(name) && answers.has(name);
    },
  };
}

const nextTask = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

function seriesOf(found: Result<'shift.series'>, row: number, id: number): TokenSeries {
  return {
    id,
    first: found.first,
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

/** The most recently used answers; two who ask at once share one request, and a failure is not remembered. */
class Kept<T> {
  readonly #values = new Map<string, Promise<T>>();

  constructor(public most: number) {}

  get(name: string, read: () => Promise<T>): Promise<T> {
    const known = this.#values.get(name);
    this.#values.delete(name);
    const value = known ?? read();
    this.#values.set(name, value);
    if (!known) value.catch(() => this.#values.get(name) === value && this.#values.delete(name));
    for (const oldest of this.#values.keys()) {
      if (this.#values.size <= this.most) break;
      this.#values.delete(oldest);
    }
    return value;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  forget(name: string): void {
    this.#values.delete(name);
  }
}
