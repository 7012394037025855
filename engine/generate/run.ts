/** One run: prompt → prefill → SLOT for each lane → all lanes' answers, as a stream of events. */
import { resolveGroups, type TokenGroup } from '../analysis/groups';
import { summariseShift } from '../analysis/shifts';
import type { Model } from '../model/model';
import { type LaneSettings, type RunConfig, type RunEvent, SCHEMA_VERSION } from '../protocol';
import { PromptObjective } from '../slot/objective';
import { NonFiniteStep, optimise } from '../slot/optimise';
import { type DecodeLane, decode } from './decode';
import { type Prefill, prefill } from './prefill';
import { type EncodedPrompt, encodePrompt } from './prompt';

export interface RunContext {
  readonly runId: string;
  readonly config: RunConfig;
  readonly emit: (event: RunEvent) => void;
  readonly signal: AbortSignal;
  /** Called with each step's delta [d], so that any token's shift can be computed later. */
  readonly keepDelta: (lane: string, delta: Float32Array) => void;
}

/**
 * Ends with `run.done`.
 * @throws the signal's reason once a cancel is seen, EngineError for input that cannot be run
 */
export async function run(model: Model, loadMs: number, context: RunContext): Promise<void> {
  const { config, emit, signal } = context;
  const prompt = encodePrompt(model, config.prompt);
  const groups = resolveGroups(model.tokenizer, model.head.vocab, model.stopIds, config.groups);
  emit(runStarted(model, prompt, context));
  if (prompt.notice) emit({ type: 'notice', ...prompt.notice });
  const generation = fitToContext(model, prompt, context);

  const prefillClock = clock();
  const read = await prefill(model.backbone, prompt.ids, model.head.hiddenSize, (tokens) => {
    emit({ type: 'prompt.progress', tokens, total: prompt.ids.length });
    signal.throwIfAborted();
  });
  const prefillMs = prefillClock();
  emit({ type: 'prompt.prefilled', tokens: prompt.ids.length, ms: prefillMs });

  const slotClock = clock();
  const lanes = await adaptLanes(model, prompt, read, groups, context);
  const slotMs = slotClock();

  const decodeClock = clock();
  await answer(model, { ...read, length: prompt.ids.length }, lanes, generation, context);
  emit({ type: 'run.done', ms: { load: loadMs, prefill: prefillMs, slot: slotMs, decode: decodeClock() } });
}

/** Optimises one delta per SLOT lane; lanes that fail are reported and left out. */
async function adaptLanes(
  model: Model,
  prompt: EncodedPrompt,
  { hidden }: Prefill,
  groups: readonly TokenGroup[],
  context: RunContext,
): Promise<DecodeLane[]> {
  // The last position predicts the answer, not the prompt.
  const objective = new PromptObjective(model.head, hidden, prompt.ids.slice(1));
  const lanes: DecodeLane[] = [];
  for (const settings of context.config.lanes) {
    const none = new Float32Array(model.head.vocab);
    if (settings.steps === 0) lanes.push({ name: settings.name, b: none });
    else if (objective.targetCount === 0) {
      const message = 'a one-token prompt has nothing to learn from: this lane answers without delta';
      context.emit({ type: 'notice', code: 'nothing-to-learn', lane: settings.name, message });
      lanes.push({ name: settings.name, b: none });
    } else {
      const b = await adaptLane(model, objective, settings, groups, context);
      if (b) lanes.push({ name: settings.name, b });
    }
  }
  return lanes;
}

/** @returns b = W·delta [V], or undefined when the lane failed */
async function adaptLane(
  { head, tokenizer }: Model,
  objective: PromptObjective,
  settings: LaneSettings,
  groups: readonly TokenGroup[],
  { config, emit, signal, keepDelta }: RunContext,
): Promise<Float32Array | undefined> {
  const lane = settings.name;
  const laneClock = clock();
  try {
    const before = await objective.atZero();
    let b: Float32Array | undefined;
    let after = before;
    let deltaNorm = 0;
    for await (const result of optimise(head, objective, settings)) {
      signal.throwIfAborted();
      ({ b, after, deltaNorm } = result);
      keepDelta(lane, result.delta);
      const { step, loss, gradNorm, ms } = result;
      const shift = result.b.map((value) => value * head.logitScale);
      const summary = summariseShift(shift, after.meanP, before.meanP, {
        tokenizer,
        groups,
        listLength: config.listLength,
      });
      emit({ type: 'slot.step', lane, step, loss, gradNorm, deltaNorm, ms, ...summary });
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
      message: `the loss is no finite number after step ${error.step}`,
      hint: 'Lower lr, or take fewer steps.',
      step: error.step,
    });
    return undefined;
  }
}

async function answer(
  model: Model,
  prompt: Prefill & { readonly length: number },
  lanes: readonly DecodeLane[],
  generation: RunConfig['generation'],
  { config, emit, signal }: RunContext,
): Promise<void> {
  const ids = new Map<string, number[]>(lanes.map(({ name }) => [name, []]));
  const decodeClock = clock();
  const finish = (lane: string, reason: 'eos' | 'length' | 'cancelled') => {
    const own = ids.get(lane) ?? [];
    emit({
      type: 'lane.done',
      lane,
      text: model.tokenizer.decode(own),
      ids: own,
      reason,
      tokens: own.length,
      ms: decodeClock(),
    });
    ids.delete(lane);
  };
  try {
    for await (const event of decode(model, prompt, lanes, generation, config.listLength)) {
      if (event.type === 'token') {
        ids.get(event.lane)?.push(event.id);
        emit(event);
      } else if (event.type === 'ended') finish(event.lane, event.reason);
      else {
        const message = `the logits of token ${event.index + 1} are not finite numbers`;
        const hint = 'Lower lr, take fewer steps, or try the float32 weights.';
        emit({ type: 'lane.failed', lane: event.lane, code: 'not-finite', message, hint });
        ids.delete(event.lane);
      }
      signal.throwIfAborted();
    }
  } catch (error) {
    if (signal.aborted) for (const lane of ids.keys()) finish(lane, 'cancelled');
    throw error;
  }
}

function runStarted(model: Model, { text, ids }: EncodedPrompt, { runId, config }: RunContext): RunEvent {
  return {
    type: 'run.started',
    v: SCHEMA_VERSION,
    runId,
    model: {
      id: model.folder.id,
      dtype: model.folder.dtype,
      projection: model.headInfo.projection.operator,
      vocab: model.head.vocab,
      hidden: model.head.hiddenSize,
    },
    config,
    prompt: { text, ids: [...ids], tokens: ids.map((id) => model.tokenizer.text(id)) },
  };
}

function fitToContext(
  model: Model,
  { ids }: EncodedPrompt,
  { config, emit }: RunContext,
): RunConfig['generation'] {
  const room = (model.contextLength ?? Number.POSITIVE_INFINITY) - ids.length;
  const { maxNewTokens } = config.generation;
  if (maxNewTokens <= room) return config.generation;
  const message = `the model's context leaves room for ${room} new tokens instead of ${maxNewTokens}`;
  emit({ type: 'notice', code: 'context-limit', message });
  return { ...config.generation, maxNewTokens: room };
}

/** Milliseconds since the call. */
function clock(): () => number {
  const started = performance.now();
  return () => performance.now() - started;
}
