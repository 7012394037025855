/** What can be asked of a run's figures: of the last run, and of those kept on disk. */

import { badInput, type ParsedParams, type Result } from '../protocol';
import type { RunStore } from '../runs/store';
import { RunVectors } from '../runs/vectors';
import { decodeVectorsFile, encodeVectorsFile, runIdOf } from '../runs/vectors-file';
import type { LastRun } from './last-run';

/** Tokens in one answer to `vocabulary.read`. */
const VOCABULARY_PAGE = 16_384;
/** Stored runs kept in memory: as many as are compared. */
const AT_HAND = 2;

export class RunFigures {
  /** The run that the engine remembers. */
  last: LastRun | undefined;
  /** By run: a window asks for step after step of the same two. */
  private readonly storedVectors = new LruCache<RunVectors>();
  /** By vocabulary, which runs of one model share. */
  private readonly storedVocabularies = new LruCache<string[]>();

  constructor(private readonly store: RunStore) {}

  /** @throws EngineError when the run is not the last one, or its model is closed */
  lastRun(runId: string): LastRun {
    if (this.last?.runId === runId) return this.last;
    throw badInput(
      'run-gone',
      'the model of this run is no longer at hand',
      'Run the prompt again to look closer.',
    );
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
    const stored = this.storedVectors.get(runId, () => {
      const tensors = this.store.vectors(runId);
      return tensors.size > 0 ? RunVectors.fromTensors(tensors) : undefined;
    });
    return stored ?? new RunVectors();
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
    this.storedVectors.clear();
    this.storedVocabularies.clear();
  }

  private async vocabulary(runId: string): Promise<string[]> {
    if (this.last?.runId === runId) return this.last.vocabulary();
    const name = this.store.vocabularyOf(runId);
    const tokens =
      name === undefined ? undefined : this.storedVocabularies.get(name, () => this.store.vocabulary(name));
    if (tokens) return tokens;
    throw badInput(
      'no-vocabulary',
      'the vocabulary of this run is not kept here',
      'Run the prompt again to see it.',
    );
  }
}

/** The AT_HAND values that were asked for last. */
class LruCache<T> {
  private readonly values = new Map<string, T>();

  /** @param read called for a value that is not kept; undefined is not kept */
  get(name: string, read: () => T | undefined): T | undefined {
    const known = this.values.get(name);
    const value = known ?? read();
    this.values.delete(name);
    if (value !== undefined) this.values.set(name, value);
    for (const oldest of this.values.keys()) {
      if (this.values.size <= AT_HAND) break;
      this.values.delete(oldest);
    }
    return value;
  }

  clear(): void {
    this.values.clear();
  }
}
