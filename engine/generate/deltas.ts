/** Deltas learned from one prompt: an optimisation is done once, however many lanes are made of it. */
import type { HeadRuntime } from '../onnx/runtime/head-runtime';
import type { LaneSettings } from '../protocol';
import type { PromptObjective } from '../slot/objective';
import { optimise } from '../slot/optimise';

export type SlotSettings = Pick<LaneSettings, 'preset' | 'steps' | 'lr' | 'weightDecay'>;

/** Lanes with the same key have the same delta after each step that both take. */
export function optimiserKey({ preset, lr, weightDecay }: SlotSettings): string {
  return [preset, lr, weightDecay].join();
}

export class PromptDeltas {
  /** By optimiser: delta [d] after each step. */
  private readonly found = new Map<string, Float32Array[]>();

  constructor(
    private readonly head: HeadRuntime,
    private readonly objective: PromptObjective,
    private readonly signal: AbortSignal,
  ) {}

  /** What a lane's own optimisation came to. @param step from 0 */
  keep(settings: SlotSettings, step: number, delta: Float32Array): void {
    const key = optimiserKey(settings);
    const deltas = this.found.get(key) ?? [];
    deltas[step] = delta;
    this.found.set(key, deltas);
  }

  /**
   * [d] after the last step.
   * @param onStep told the loss before each step that is not known yet
   * @throws NonFiniteStep, the signal's reason
   */
  async after(
    settings: SlotSettings,
    onStep: (step: number, loss: number, ms: number) => void = () => {},
  ): Promise<Float32Array> {
    const last = settings.steps - 1;
    const known = this.found.get(optimiserKey(settings))?.[last];
    if (known) return known;
    let delta: Float32Array = new Float32Array(this.head.hiddenSize);
    for await (const result of optimise(this.head, this.objective, settings)) {
      this.signal.throwIfAborted();
      ({ delta } = result);
      this.keep(settings, result.step, delta);
      onStep(result.step, result.loss, result.ms);
    }
    return delta;
  }
}
