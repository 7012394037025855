/** What can be asked of a run's figures: of the last run, and of those kept on disk. */

import { LRUCache } from 'lru-cache';
import { badInput, EngineError, type GivenSource, type ParsedParams, type Result } from '../protocol';
import type { RunStore } from '../runs/store';
import { type KeptDelta, RunVectors } from '../runs/vectors';
import { decodeVectorsFile, encodeVectorsFile, runIdOf } from '../runs/vectors-file';
import type { LastRun } from './last-run';
import type { ModelTurns } from './model-turns';
import type { RunAtHand } from './run-at-hand';
import { notOpen, StoredRun } from './stored-run';

export type RunSource = Extract<GivenSource, { kind: 'run' }>;

/** Tokens in one answer to `vocabulary.read`. */
const VOCABULARY_PAGE = 16_384;
/** Stored runs kept in memory: as many as are compared. */
const AT_HAND = 2;

export class RunFigures {
  /** The run that the engine remembers. */
  last: LastRun | undefined;
  /** The stored run that was asked about last. */
  private again: StoredRun | undefined;
  /** By run: a window asks for step after step of the same two. */
  private readonly storedVectors = new LRUCache<string, RunVectors>({ max: AT_HAND });
  /** By vocabulary, which runs of one model share. */
  private readonly storedVocabularies = new LRUCache<string, string[]>({ max: AT_HAND });

  constructor(private readonly store: RunStore) {}

  /**
   * The last run, or a stored one whose model is open.
   * @throws EngineError `run-gone` where its model is not
   */
  atHand(runId: string, turns: ModelTurns): RunAtHand {
    if (this.last?.runId === runId) return this.last;
    const model = turns.current;
    if (!this.store.has(runId)) throw notOpen();
    if (this.again?.runId === runId && this.again.isOf(model)) return this.again;
    const { events } = this.store.read(runId);
    this.again = new StoredRun(runId, model, turns, events, this.vectors(runId));
    return this.again;
  }

  /** The open model is about to be closed. */
  forgetModel(): void {
    this.last = undefined;
    this.again = undefined;
  }

  async searchShifts({
    runId,
    lane,
    search,
    limit,
  }: ParsedParams<'shift.search'>): Promise<Result<'shift.search'>> {
    const tokens = await this.vocabulary(runId);
    const ids = tokens.flatMap((token, id) => (token.includes(search) ? [id] : []));
    const shown = ids.slice(0, limit);
    const series = this.vectors(runId).series(lane, shown);
    return {
      total: ids.length,
      tokens: shown.map((id, i) => ({ id, token: tokens[id]!, shifts: series[i]! })),
    };
  }

  async vocabularyPage({ runId, from }: ParsedParams<'vocabulary.read'>): Promise<Result<'vocabulary.read'>> {
    const tokens = await this.vocabulary(runId);
    return { tokens: tokens.slice(from, from + VOCABULARY_PAGE), total: tokens.length };
  }

  vectors(runId: string): RunVectors {
    if (this.last?.runId === runId) return this.last.vectors;
    const known = this.storedVectors.get(runId);
    if (known) return known;
    const tensors = this.store.vectors(runId);
    if (tensors.size === 0) return new RunVectors();
    const vectors = RunVectors.fromTensors(tensors);
    this.storedVectors.set(runId, vectors);
    return vectors;
  }

  /**
   * A delta of a run that is stored, or the last.
   * @throws EngineError `no-run`, `no-vectors`, `no-step`, naming the run
   */
  delta({ runId, lane, step }: RunSource): KeptDelta {
    return this.naming(runId, (vectors) => vectors.delta(lane, step));
  }

  /** Its lanes that have a delta. @throws EngineError `no-run`, naming the run */
  deltaLanes(runId: string): { name: string; steps: number }[] {
    return this.naming(runId, (vectors) => vectors.deltaLanes());
  }

  /** As safetensors, with the run's id and the token texts, see `addVectors`. */
  async vectorsFile(runId: string): Promise<Uint8Array> {
    const tensors = this.vectors(runId).toTensors();
    if (tensors.length > 0)
      return encodeVectorsFile(runId, tensors, await this.vocabulary(runId).catch(() => undefined));
    throw badInput(
      'no-vectors',
      'no vectors are kept for this run: none of its lanes adapts, or it was imported without',
      'Import the safetensors file that was exported with it, or run the prompt again with SLOT.',
    );
  }

  /**
   * Gives a stored run that came without them its vectors and its vocabulary.
   * @param runId taken where the file does not say whose they are, or that run has its own
   * @returns whose they were
   * @throws EngineError `safetensors`, `other-run`, `has-vectors`, `no-run`
   */
  addVectors({ runId, file }: ParsedParams<'runs.importVectors'>): Result<'runs.importVectors'> {
    const named = [runIdOf(file) ?? null, runId].filter((id) => id !== null && this.store.has(id));
    const target = named.find((id) => id !== null && !this.store.hasVectors(id));
    if (!target) {
      throw named.length > 0
        ? badInput('has-vectors', 'the run that these vectors belong to has them already')
        : badInput(
            'no-run',
            'the run that these vectors belong to is not stored here',
            'Import its JSON Lines first.',
          );
    }
    const { vectors, tokens } = decodeVectorsFile(file, this.store.read(target).events);
    this.store.addVectors(target, vectors.toTensors(), tokens);
    this.forgetStored();
    return { runId: target };
  }

  /** Forgets what was read from disk. */
  forgetStored(): void {
    this.again = undefined;
    this.storedVectors.clear();
    this.storedVocabularies.clear();
  }

  /** The model's id that a stored run was made with; empty where that is not known. */
  modelOf(runId: string): string {
    return this.store.summary(runId)?.model ?? '';
  }

  private naming<T>(runId: string, read: (vectors: RunVectors) => T): T {
    if (this.last?.runId !== runId && !this.store.has(runId))
      throw badInput(
        'no-run',
        `there is no stored run ${runId}`,
        'Import it with its vectors, or choose another.',
      );
    try {
      return read(this.vectors(runId));
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      throw badInput(error.code, `run ${runId}: ${error.message}`, error.hint);
    }
  }

  private async vocabulary(runId: string): Promise<string[]> {
    if (this.last?.runId === runId) return this.last.vocabulary();
    const name = this.store.vocabularyOf(runId);
    const known = name === undefined ? undefined : this.storedVocabularies.get(name);
    if (known) return known;
    const tokens = name === undefined ? undefined : this.store.vocabulary(name);
    if (name !== undefined && tokens) {
      this.storedVocabularies.set(name, tokens);
      return tokens;
    }
    throw badInput(
      'no-vocabulary',
      'the vocabulary of this run is not kept here',
      'Run the prompt again to see it.',
    );
  }
}
