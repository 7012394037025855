/** Deltas learned from one prompt: an optimisation is done once, however many lanes are made of it. */
import type { HeadRuntime } from '../onnx/runtime/head-runtime';
import { type LaneSettings, type Learning, learningKey } from '../protocol';
import type { Fit, PromptObjective, WeightedObjective } from '../slot/objective';
import {
  type NonFiniteStep,
  optimise,
  optimiseTogether,
  type SlotStepResult,
  type Stopped,
} from '../slot/optimise';

export type SlotSettings = Learning & { readonly steps: number };

/** What a setting's scope is in the prompt; undefined is all of it. */
export type FitOf = (settings: SlotSettings) => Fit | undefined;

/** What a lane's step came to, or how its steps ended: all taken, stopped by a limit, or failed. */
export type LaneOutcome = { readonly lane: LaneSettings } & (
  | { readonly result: SlotStepResult }
  | { readonly failed: NonFiniteStep }
  | { readonly isOver: true }
);

export class PromptDeltas {
  /** By optimiser: delta [d] after each step. */
  private readonly found = new Map<string, Float32Array[]>();
  /** By scope. */
  private readonly objectives = new Map<string, WeightedObjective>();
  private readonly stops = new Map<string, Stopped>();

  constructor(
    private readonly head: HeadRuntime,
    private readonly objective: PromptObjective,
    private readonly signal: AbortSignal,
    private readonly fitOf: FitOf = () => undefined,
  ) {}

  /** The prompt's loss over the setting's scope. @throws EngineError where no token is in it */
  objectiveOf(settings: SlotSettings): WeightedObjective {
    const key = JSON.stringify([settings.scope, settings.half?.seed]);
    const known = this.objectives.get(key);
    if (known) return known;
    const fit = this.fitOf(settings);
    const objective = fit ? this.objective.weighted(fit) : this.objective;
    this.objectives.set(key, objective);
    return objective;
  }

  /** Why fewer steps were taken than the setting says; undefined where they were not, or none are known. */
  stopOf(settings: SlotSettings): Stopped | undefined {
    const taken = this.found.get(learningKey(settings))?.length ?? 0;
    return taken < settings.steps ? this.stops.get(learningKey(settings)) : undefined;
  }

  /**
   * The steps of all lanes at once; those that differ in their number alone are one optimisation.
   * @throws the signal's reason
   */
  async *together(lanes: readonly LaneSettings[]): AsyncGenerator<LaneOutcome, void> {
    const groups = [...new Set(lanes.map(learningKey))].map((key) => {
      const own = lanes.filter((lane) => learningKey(lane) === key);
      const settings = { ...own[0]!, steps: Math.max(...own.map(({ steps }) => steps)) };
      const deltas: Float32Array[] = [];
      this.found.set(key, deltas);
      return { key, own, deltas, task: { objective: this.objectiveOf(settings), settings } };
    });
    const tasks = groups.map(({ task }) => task);
    for await (const outcome of optimiseTogether(this.head, tasks)) {
      this.signal.throwIfAborted();
      const { key, own, deltas } = groups[outcome.task]!;
      if ('result' in outcome) {
        const { result } = outcome;
        deltas[result.step] = result.delta;
        for (const lane of own) {
          if (result.step < lane.steps) yield { lane, result };
          if (result.step + 1 === lane.steps) yield { lane, isOver: true };
        }
        continue;
      }
      if ('stopped' in outcome) this.stops.set(key, outcome.stopped);
      for (const lane of own) {
        if (lane.steps <= deltas.length) continue;
        yield 'failed' in outcome ? { lane, failed: outcome.failed } : { lane, isOver: true };
      }
    }
  }

  /** Each step's result. @throws NonFiniteStep, the signal's reason */
  async *steps(settings: SlotSettings): AsyncGenerator<SlotStepResult, void> {
    const key = learningKey(settings);
    const deltas: Float32Array[] = [];
    this.found.set(key, deltas);
    const onStop = (stopped: Stopped) => this.stops.set(key, stopped);
    for await (const result of optimise(this.head, this.objectiveOf(settings), settings, onStop)) {
      this.signal.throwIfAborted();
      deltas[result.step] = result.delta;
      yield result;
    }
  }

  /**
   * [d] after the last step; zeros where the setting's limits allow none.
   * @param onStep told the loss before each step that is not known yet
   * @throws NonFiniteStep, the signal's reason
   */
  async after(
    settings: SlotSettings,
    onStep: (step: number, loss: number, ms: number) => void = () => {},
  ): Promise<Float32Array> {
    const key = learningKey(settings);
    const taken = () => this.found.get(key) ?? [];
    // What a limit has ended has no more steps.
    if (taken().length < settings.steps && !this.stops.has(key))
      for await (const { step, loss, ms } of this.steps(settings)) onStep(step, loss, ms);
    return taken().slice(0, settings.steps).at(-1) ?? new Float32Array(this.head.hiddenSize);
  }
}
