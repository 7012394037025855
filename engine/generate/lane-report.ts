/** What a lane learns from, each of its steps and what they came to, as events. */
import type { ResolvedGroup } from '../analysis/groups';
import { summarisePulls } from '../analysis/pulls';
import { summariseShift } from '../analysis/shifts';
import type { LaneSettings } from '../protocol';
import type { Evaluation } from '../slot/evaluation';
import type { TakenStep } from '../slot/explain';
import type { PromptObjective, WeightedObjective } from '../slot/objective';
import type { PromptDeltas } from './deltas';
import { isExplained, tellExplained } from './explain';
import type { LanguageModel } from './language-model';
import type { LearnedPrompt, RunContext } from './run-context';
import { noShift, type Shift } from './shift';
import type { Sources } from './sources';

/** Above this many numbers in all, steps leave their position losses out. */
const MAX_POSITION_LOSSES = 500_000;

/** A prompt, and what the deltas of its lanes are made of. */
export interface Adapting {
  readonly model: LanguageModel;
  readonly objective: PromptObjective;
  readonly prompt: Omit<LearnedPrompt, 'fit'>;
  /** Learned from this prompt. */
  readonly deltas: PromptDeltas;
  /** Learned from others. */
  readonly sources: Sources;
  readonly groups: readonly ResolvedGroup[];
  readonly context: RunContext;
}

/** What a step, or a control, came to. */
export interface Change extends Shift {
  readonly step: number;
  readonly loss: number;
  readonly heldOutLoss?: number | undefined;
  readonly gradNorm?: number;
  /** [d] and [V]: what the step follows; a control follows nothing. */
  readonly gradient?: Float32Array;
  readonly residual?: Float32Array;
  readonly kl?: number | undefined;
  readonly deltaNorm: number;
  readonly after: Evaluation;
  readonly ms: number;
}

export class LaneReport {
  private steps = 0;
  private ms = 0;
  private last: Change | undefined;
  private readonly taken: TakenStep[] = [];

  private constructor(
    private readonly settings: LaneSettings,
    private readonly adapting: Adapting,
    private readonly objective: WeightedObjective,
    private readonly before: Evaluation,
  ) {}

  static async start(settings: LaneSettings, adapting: Adapting): Promise<LaneReport> {
    const { deltas, context } = adapting;
    const objective = deltas.objectiveOf(settings);
    if (objective !== adapting.objective) tellScope(settings.name, objective, context);
    const before = await objective.atZero();
    const { weights, heldOut } = objective;
    const learned = { ...adapting.prompt, fit: { weights, heldOut } };
    context.record.startLane(settings.name, before.meanP, learned);
    return new LaneReport(settings, adapting, objective, before);
  }

  /** @throws the signal's reason */
  tell(change: Change): void {
    const { settings, adapting, before, last } = this;
    adapting.context.signal.throwIfAborted();
    tellChange(change, before, settings, adapting);
    if (isExplained(settings, adapting) && change.gradient)
      this.taken.push({ gradient: change.gradient, before: last?.b ?? new Float32Array(change.b.length) });
    this.last = change;
    this.steps++;
    this.ms += change.ms;
  }

  async end(): Promise<Shift> {
    const { settings, adapting, objective, before, last, steps, ms } = this;
    const { model, deltas, context } = adapting;
    const after = last?.after ?? before;
    const [initial, final] = [objective.heldOutLoss(before), objective.heldOutLoss(after)];
    const stopped = deltas.stopOf(settings);
    context.emit({
      type: 'slot.done',
      lane: settings.name,
      steps,
      initialLoss: before.loss,
      finalLoss: after.loss,
      // Both are known, or neither.
      ...(final === undefined ? {} : { heldOutLoss: { initial: initial!, final } }),
      ...(stopped ? { stopped } : {}),
      deltaNorm: last?.deltaNorm ?? 0,
      ms,
      positionLoss: { before: [...before.positionLoss], after: [...after.positionLoss] },
    });
    if (isExplained(settings, adapting) && last)
      await tellExplained(settings, adapting, this.taken, times(last.b, model.head.logitScale));
    // A limit may forbid the first step already.
    return last ?? noShift(model.head);
  }
}

function tellScope(lane: string, { weights, heldOut }: WeightedObjective, { emit }: RunContext): void {
  emit({
    type: 'slot.scope',
    lane,
    weights: [...weights],
    ...(heldOut ? { heldOut: [...heldOut] } : {}),
  });
}

function tellChange(
  { b, after, delta, step, loss, heldOutLoss, gradNorm, residual, kl, deltaNorm, ms }: Change,
  before: Evaluation,
  settings: LaneSettings,
  { model: { head, tokenizer }, groups, context: { config, emit, record } }: Adapting,
): void {
  const lane = settings.name;
  const shift = times(b, head.logitScale);
  record.step(lane, { delta, shift, meanP: after.meanP });
  const options = { tokenizer, groups, listLength: config.listLength };
  const summary = summariseShift(shift, after.meanP, before.meanP, options);
  const showsPositions = settings.steps * after.positionLoss.length <= MAX_POSITION_LOSSES;
  emit({
    type: 'slot.step',
    lane,
    step,
    loss,
    ...(heldOutLoss === undefined ? {} : { heldOutLoss }),
    ...(gradNorm === undefined ? {} : { gradNorm }),
    ...(kl === undefined ? {} : { kl }),
    ...(residual ? { pulls: summarisePulls(residual, tokenizer, config.listLength) } : {}),
    deltaNorm,
    ms,
    ...summary,
    ...(showsPositions ? { positionLoss: [...after.positionLoss] } : {}),
  });
}

/** A plain loop: `map` takes ten times as long over a vocabulary. */
function times(vector: Float32Array, factor: number): Float32Array {
  const result = new Float32Array(vector.length);
  for (let i = 0; i < vector.length; i++) result[i] = factor * vector[i]!;
  return result;
}
