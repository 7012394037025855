/** Runs that wait or work: begun in their turn, cancelled, kept as they go. */
import { run } from '../generate/run';
import { endsRun, type RunConfig, type RunEvent, toEngineError } from '../protocol';
import { RunKeeper } from '../runs/keeper';
import type { RunStore } from '../runs/store';
import { withVectors } from './given-deltas';
import { LastRun } from './last-run';
import type { ModelTurns } from './model-turns';
import type { RunFigures } from './run-figures';

export class ActiveRuns {
  private readonly cancels = new Map<string, AbortController>();
  private readonly stoppedLanes = new Set<string>();

  constructor(
    private readonly turns: ModelTurns,
    private readonly store: RunStore,
    private readonly figures: RunFigures,
  ) {}

  has(runId: string): boolean {
    return this.cancels.has(runId);
  }

  /** See `Engine.run`. */
  run(runId: string, config: RunConfig, emit: (event: RunEvent) => void, save: boolean): Promise<void> {
    const cancel = new AbortController();
    this.cancels.set(runId, cancel);
    return this.turns.next(async () => {
      const keeper = save ? new RunKeeper(this.store, runId) : undefined;
      const report = (event: RunEvent) => {
        const trouble = keeper?.append(event);
        // A run begins with run.started, and nothing follows its end.
        const notices = trouble ? [trouble] : [];
        for (const each of endsRun(event) ? [...notices, event] : [event, ...notices]) emit(each);
      };
      try {
        if (save) this.store.checkFree(runId);
        const lanes = withVectors(config.lanes, this.figures);
        await this.runNow(runId, { ...config, lanes }, report, cancel.signal);
      } catch (thrown) {
        if (cancel.signal.aborted) report({ type: 'run.cancelled' });
        else {
          const { kind, code, message, hint } = toEngineError(thrown);
          report({ type: 'run.failed', kind, code, message, hint });
        }
      } finally {
        await this.keepVectors(runId, keeper);
        this.cancels.delete(runId);
        for (const { name } of config.lanes) this.stoppedLanes.delete(laneKey(runId, name));
      }
    });
  }

  cancel(runId: string): void {
    this.cancels.get(runId)?.abort();
  }

  stopLane(runId: string, lane: string): void {
    if (this.cancels.has(runId)) this.stoppedLanes.add(laneKey(runId, lane));
  }

  cancelAll(): void {
    for (const cancel of this.cancels.values()) cancel.abort();
  }

  private async runNow(
    runId: string,
    config: RunConfig,
    emit: (event: RunEvent) => void,
    signal: AbortSignal,
  ): Promise<void> {
    signal.throwIfAborted();
    const started = performance.now();
    const open = await this.turns.model(config.model, signal);
    const loadMs = performance.now() - started;
    const record = new LastRun(runId, open);
    this.figures.last = record;
    const isStopped = (lane: string) => this.stoppedLanes.has(laneKey(runId, lane));
    await open.use(({ model, device, arithmetic, rounding, server }) => {
      const tell = (event: RunEvent) => {
        emit(event);
        if (event.type !== 'run.started') return;
        for (const [code, told] of Object.entries({ device, arithmetic, rounding, server }))
          if (told?.message) emit({ type: 'notice', code, message: told.message });
      };
      return run(model, loadMs, { runId, config, emit: tell, signal, isStopped, record });
    });
  }

  private async keepVectors(runId: string, keeper: RunKeeper | undefined): Promise<void> {
    const { last } = this.figures;
    if (last?.runId === runId) await keeper?.finish(last.vectors.toTensors(), () => last.vocabulary());
  }
}

function laneKey(runId: string, lane: string): string {
  return `${runId}/${lane}`;
}
