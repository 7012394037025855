/** What can be asked of a run's figures: of the last run, and of those kept on disk. */
import type { LastRun } from './last-run';
import { badInput, type ParsedParams, type Result } from './protocol';
import { encodeSafetensors } from './runs/safetensors';
import type { RunStore } from './runs/store';
import { RunVectors } from './runs/vectors';

/** Tokens in one answer to `vocabulary.read`. */
const VOCABULARY_PAGE = 16_384;

export class RunFigures {
  /** The run that the engine remembers. */
  last: LastRun | undefined;
  /** The stored runs that were looked at last: a window asks for step after step, page after page of the same. */
  private storedVectors: { readonly runId: string; readonly vectors: RunVectors } | undefined;
  private storedVocabulary: { readonly runId: string; readonly tokens: string[] } | undefined;

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
    if (this.storedVectors?.runId === runId) return this.storedVectors.vectors;
    const tensors = this.store.vectors(runId);
    const vectors = RunVectors.fromTensors(tensors);
    if (tensors.size > 0) this.storedVectors = { runId, vectors };
    return vectors;
  }

  /** As safetensors. */
  vectorsFile(runId: string): Uint8Array {
    const tensors = this.vectors(runId).toTensors();
    if (tensors.length > 0) return encodeSafetensors(tensors);
    throw badInput(
      'no-vectors',
      'no vectors are kept for this run: none of its lanes adapts, or it was imported',
      'Run the prompt again with SLOT to have them.',
    );
  }

  /** Lets go of what was read from disk. */
  forgetStored(): void {
    this.storedVectors = undefined;
    this.storedVocabulary = undefined;
  }

  private async vocabulary(runId: string): Promise<string[]> {
    if (this.last?.runId === runId) return this.last.model.vocabulary();
    if (this.storedVocabulary?.runId === runId) return this.storedVocabulary.tokens;
    const tokens = this.store.vocabulary(runId);
    if (tokens) {
      this.storedVocabulary = { runId, tokens };
      return tokens;
    }
    throw badInput(
      'no-vocabulary',
      'the vocabulary of this run is not kept here',
      'Run the prompt again to see it.',
    );
  }
}
