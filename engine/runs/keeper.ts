/** Keeps one run on disk while it goes; a disk that fails costs the record, not the run. */
import { EngineError, type RunEvent } from '../protocol';
import type { StackedTensor } from './safetensors';
import type { RunStore } from './store';
import type { RunWriter } from './writer';

export class RunKeeper {
  private writer: RunWriter | undefined;
  private failed = false;

  constructor(
    private readonly store: RunStore,
    private readonly runId: string,
  ) {}

  /** @returns what to tell the user, the first time that keeping fails */
  append(event: RunEvent): RunEvent | undefined {
    // Drafts are told in full by the tokens that follow.
    if (this.failed || event.type === 'lane.draft') return undefined;
    try {
      // A run that never started leaves nothing to keep.
      if (event.type === 'run.started') this.writer = this.store.create(this.runId);
      this.writer?.append(event);
      return undefined;
    } catch (error) {
      this.failed = true;
      const why = error instanceof EngineError ? `${error.message}. ${error.hint}` : String(error);
      return { type: 'notice', code: 'not-kept', message: `${why} The run goes on.` };
    }
  }

  /** Once the run has ended. Without vectors a kept run still shows all its events. */
  async finish(vectors: readonly StackedTensor[], tokens: () => Promise<readonly string[]>): Promise<void> {
    if (!this.writer || this.failed) return;
    try {
      await this.writer.finish(vectors, await tokens());
    } catch (error) {
      console.error(error instanceof Error ? error.message : String(error));
    } finally {
      this.writer.close();
    }
  }
}
