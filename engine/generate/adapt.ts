/** What a lane adds to the logits: SLOT, reported step by step, or a control's delta, reported at once. */
import type { HeadRuntime } from '../onnx/runtime/head-runtime';
import { adapts, type LaneSettings } from '../protocol';
import { meanDelta, negated, norm, randomLike, scaledBy } from '../slot/controls';
import { NonFiniteStep } from '../slot/optimise';
import { centredDelta } from './given';
import { type Adapting, type Change, LaneReport } from './lane-report';
import type { RunContext } from './run-context';
import { noShift, type Shift } from './shift';

/** A lane that learns nothing itself. @returns zeros for one without delta; undefined when it failed, which is reported */
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
  const report = await LaneReport.start(settings, adapting);
  try {
    for await (const change of controlled(settings, adapting)) report.tell(change);
    return await report.end();
  } catch (error) {
    if (!(error instanceof NonFiniteStep)) throw error;
    tellNotFinite(lane, error, context);
    return undefined;
  }
}

/**
 * The lanes that learn from the prompt, a step of all at once.
 * @returns what each adds, by lane; failed ones are missing, which is reported
 */
export async function adaptTogether(
  lanes: readonly LaneSettings[],
  adapting: Adapting,
): Promise<Map<string, Shift>> {
  const { deltas, context } = adapting;
  const shifts = new Map<string, Shift>();
  const reports = new Map<string, LaneReport>();
  for (const lane of lanes) reports.set(lane.name, await LaneReport.start(lane, adapting));
  for await (const outcome of deltas.together(lanes)) {
    const { name } = outcome.lane;
    const report = reports.get(name)!;
    if ('result' in outcome) report.tell(outcome.result);
    else if ('failed' in outcome) tellNotFinite(name, outcome.failed, context);
    else shifts.set(name, await report.end());
  }
  return shifts;
}

function tellNotFinite(lane: string, { step }: NonFiniteStep, { emit }: RunContext): void {
  const message = `the loss is no finite number at step ${step + 1}`;
  const hint =
    'Lower lr, or take fewer steps. Where the baseline fails too, the weights are damaged: get the model again.';
  emit({ type: 'lane.failed', lane, code: 'not-finite', message, hint, step });
}

/** A control's one step, which puts its whole delta in. */
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
