/** The engine's one door: what the process host, the server and the command line call. */
import type { ModelInfo, Params, Result, RunConfig, RunEvent } from './protocol';

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
  searchShifts(params: Params<'shift.search'>): Result<'shift.search'>;
  /** Frees the model. */
  dispose(): Promise<void>;
}

export declare function createEngine(): Engine;
