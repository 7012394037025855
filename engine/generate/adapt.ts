/** SLOT for one lane, reported step by step. */
import type { ResolvedGroup } from '../analysis/groups';
import { summariseShift } from '../analysis/shifts';
import type { Model } from '../model/model';
import type { LaneSettings } from '../protocol';
import type { PromptObjective } from '../slot/objective';
import { NonFiniteStep, optimise } from '../slot/optimise';
import { clock } from './clock';
import type { RunContext } from './run-context';

/** Above this many numbers in all, steps leave their position losses out. */
const MAX_POSITION_LOSSES = 500_000;

/** @returns b = W·delta [V], zeros for the baseline; undefined when the lane failed, which is reported */
export async function adapt(
  model: Model,
  objective: PromptObjective,
  settings: LaneSettings,
  groups: readonly ResolvedGroup[],
  context: RunContext,
): Promise<Float32Array | undefined> {
  const lane = settings.name;
  if (settings.steps > 0 && objective.targetCount > 0)
    return optimiseLane(model, objective, settings, groups, context);
  if (settings.steps > 0) {
    const message = 'a one-token prompt has nothing to learn from: this lane answers without delta';
    context.emit({ type: 'notice', code: 'nothing-to-learn', lane, message });
  }
  return new Float32Array(model.head.vocab);
}

async function optimiseLane(
  { head, tokenizer }: Model,
  objective: PromptObjective,
  settings: LaneSettings,
  groups: readonly ResolvedGroup[],
  { config, emit, signal, record }: RunContext,
): Promise<Float32Array | undefined> {
  const lane = settings.name;
  const laneClock = clock();
  const listOptions = { tokenizer, groups, listLength: config.listLength };
  const showsPositions = settings.steps * objective.targetCount <= MAX_POSITION_LOSSES;
  try {
    const before = await objective.atZero();
    record.startLane(lane, before.meanP);
    let b: Float32Array | undefined;
    let after = before;
    let deltaNorm = 0;
    for await (const result of optimise(head, objective, settings)) {
      signal.throwIfAborted();
      ({ b, after, deltaNorm } = result);
      const { step, loss, gradNorm, ms } = result;
      const shift = times(result.b, head.logitScale);
      record.step(lane, { delta: result.delta, shift, meanP: after.meanP });
      const summary = summariseShift(shift, after.meanP, before.meanP, listOptions);
      const positionLoss = showsPositions ? { positionLoss: [...after.positionLoss] } : {};
      emit({ type: 'slot.step', lane, step, loss, gradNorm, deltaNorm, ms, ...summary, ...positionLoss });
    }
    emit({
      type: 'slot.done',
      lane,
      steps: settings.steps,
      initialLoss: before.loss,
      finalLoss: after.loss,
      deltaNorm,
      ms: laneClock(),
      positionLoss: { before: [...before.positionLoss], after: [...after.positionLoss] },
    });
    return b;
  } catch (error) {
    if (!(error instanceof NonFiniteStep)) throw error;
    emit({
      type: 'lane.failed',
      lane,
      code: 'not-finite',
      message: `the loss is no finite number at step ${error.step}`,
      hint: 'Lower lr, or take fewer steps.',
      step: error.step,
    });
    return undefined;
  }
}

/** A plain loop: `map` takes ten times as long over a vocabulary. */
function times(vector: Float32Array, factor: number): Float32Array {
  const result = new Float32Array(vector.length);
  for (let i = 0; i < vector.length; i++) result[i] = factor * vector[i]!;
  return result;
}
