/** What a lane adds to the logits: SLOT, reported step by step, or a control's delta, reported at once. */
import type { ResolvedGroup } from '../analysis/groups';
import { summarisePulls } from '../analysis/pulls';
import { summariseShift } from '../analysis/shifts';
import type { HeadRuntime } from '../onnx/runtime/head-runtime';
import { adapts, type LaneSettings } from '../protocol';
import { meanDelta, negated, norm, randomLike, scaledBy } from '../slot/controls';
import type { Evaluation } from '../slot/evaluation';
import type { TakenStep } from '../slot/explain';
import type { PromptObjective, WeightedObjective } from '../slot/objective';
import { NonFiniteStep } from '../slot/optimise';
import { clock } from './clock';
import type { PromptDeltas } from './deltas';
import { isExplained, tellExplained } from './explain';
import { centredDelta } from './given';
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
interface Change extends Shift {
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

/** @returns zeros for a lane without delta; undefined when the lane failed, which is reported */
export async function adapt(settings: LaneSettings, adapting: Adapting): Promise<Shift | undefined> {
  const { model, objective, context } = adapting;
  const lane = settings.name;
  const none = noShift(model.head);
  if (!adapts(settings)) return none;
  if (objective.targetCount === 0) {
    const message = 'a one-token prompt has nothing to learn from: this lane answers without delta';
    context.emit({ type: 'notice', code: 'nothing-to-learn', lane, message });
    return none;
  }
  if (settings.origin.kind === 'template' && !adapting.sources.has(lane)) {
    const message = 'the prompt goes through no chat template, so there is no delta of the template alone';
    const hint = 'Leave the lane out, or ask a chat model in chat form.';
    context.emit({ type: 'lane.failed', lane, code: 'no-template', message, hint });
    return undefined;
  }
  try {
    return await report(settings, adapting);
  } catch (error) {
    if (!(error instanceof NonFiniteStep)) throw error;
    const message = `the loss is no finite number at step ${error.step + 1}`;
    const hint =
      'Lower lr, or take fewer steps. Where the baseline fails too, the weights are damaged: get the model again.';
    context.emit({ type: 'lane.failed', lane, code: 'not-finite', message, hint, step: error.step });
    return undefined;
  }
}

/** @throws NonFiniteStep */
async function report(settings: LaneSettings, adapting: Adapting): Promise<Shift> {
  const { deltas, context } = adapting;
  const { emit, record, signal } = context;
  const lane = settings.name;
  const laneClock = clock();
  const objective = deltas.objectiveOf(settings);
  if (objective !== adapting.objective) tellScope(lane, objective, context);
  const before = await objective.atZero();
  const { weights, heldOut } = objective;
  record.startLane(lane, before.meanP, { ...adapting.prompt, fit: { weights, heldOut } });
  let steps = 0;
  let last: Change | undefined;
  const taken: TakenStep[] = [];
  const explains = isExplained(settings, adapting);
  for await (const change of changes(settings, adapting)) {
    signal.throwIfAborted();
    tellChange(change, before, settings, adapting);
    if (explains && change.gradient)
      taken.push({ gradient: change.gradient, before: last?.b ?? new Float32Array(change.b.length) });
    last = change;
    steps++;
  }
  const after = last?.after ?? before;
  const [initial, final] = [objective.heldOutLoss(before), objective.heldOutLoss(after)];
  const stopped = deltas.stopOf(settings);
  emit({
    type: 'slot.done',
    lane,
    steps,
    initialLoss: before.loss,
    finalLoss: after.loss,
    ...(initial === undefined || final === undefined ? {} : { heldOutLoss: { initial, final } }),
    ...(stopped ? { stopped } : {}),
    deltaNorm: last?.deltaNorm ?? 0,
    ms: laneClock(),
    positionLoss: { before: [...before.positionLoss], after: [...after.positionLoss] },
  });
  if (explains && last)
    await tellExplained(settings, adapting, taken, times(last.b, adapting.model.head.logitScale));
  // A limit may forbid the first step already.
  return last ?? noShift(adapting.model.head);
}

function tellScope(lane: string, { weights, heldOut }: WeightedObjective, { emit }: RunContext): void {
  emit({
    type: 'slot.scope',
    lane,
    weights: [...weights],
    ...(heldOut ? { heldOut: [...heldOut] } : {}),
  });
}

/** SLOT's steps; of a control one, which puts its whole delta in. */
function changes(settings: LaneSettings, adapting: Adapting): AsyncGenerator<Change, void> {
  return settings.origin.kind === 'own' ? adapting.deltas.steps(settings) : controlled(settings, adapting);
}

async function* controlled(
  settings: LaneSettings,
  { model: { head }, deltas, sources }: Adapting,
): AsyncGenerator<Change, void> {
  const started = performance.now();
  const { origin } = settings;
  const objective = deltas.objectiveOf(settings);
  const made = OF_THE_OWN.has(origin.kind) ? [await deltas.after(settings)] : sources.deltas(settings);
  const delta = await controlDelta(settings, made, head);
  const b = await head.projectDelta(delta);
  const after = await objective.evaluate(b);
  if (!Number.isFinite(after.loss)) throw new NonFiniteStep(0);
  const before = await objective.atZero();
  yield {
    step: 0,
    loss: before.loss,
    heldOutLoss: objective.heldOutLoss(before),
    deltaNorm: norm(delta),
    delta,
    b,
    after,
    kl: objective.isKlCheap ? await objective.kl(b, after) : undefined,
    ms: performance.now() - started,
  };
}

/** Origins whose delta is made of what the prompt itself teaches. */
const OF_THE_OWN: ReadonlySet<LaneSettings['origin']['kind']> = new Set([
  'minus',
  'scaled',
  'centred',
  'random',
]);

/**
 * @param made what it is made of, [d] each: the prompt's own delta, else what the origin names
 * @returns [d]
 */
async function controlDelta(
  { origin }: Pick<LaneSettings, 'origin'>,
  made: readonly Float32Array[],
  head: HeadRuntime,
): Promise<Float32Array> {
  switch (origin.kind) {
    case 'minus':
      return negated(meanDelta(made));
    case 'scaled':
      return scaledBy(meanDelta(made), origin.factor);
    case 'centred':
      return centredDelta(head, meanDelta(made));
    case 'random':
      return randomLike(meanDelta(made), origin.seed);
    default:
      return meanDelta(made);
  }
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
