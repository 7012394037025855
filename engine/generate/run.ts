/** One run: prompts → prefill → SLOT for each lane → all lanes' answers, as a stream of events. */
import { type ResolvedGroup, resolveGroups } from '../analysis/groups';
import type { Model } from '../model/model';
import type { Sequence } from '../model/prefix-cache';
import {
  badInput,
  type LaneSettings,
  type RunConfig,
  type RunEvent,
  SCHEMA_VERSION,
  type StopReason,
} from '../protocol';
import { PromptObjective } from '../slot/objective';
import { adapt } from './adapt';
import { clock } from './clock';
import { type DecodeEvent, type DecodeLane, decode } from './decode';
import { interleave } from './interleave';
import { prefill } from './prefill';
import { type EncodedPrompt, encodePrompt } from './prompt';
import type { RunContext } from './run-context';

/** The most ids of a group in the run.started event, since a pattern may match the whole vocabulary. */
const MAX_MEMBERS = 20_000;

/** Lanes that answer the same prompt. */
interface PromptGroup {
  readonly prompt: EncodedPrompt;
  readonly lanes: LaneSettings[];
}

/**
 * Ends with `run.done`.
 * @throws the signal's reason once a cancel is seen, EngineError for input that cannot be run
 */
export async function run(model: Model, loadMs: number, context: RunContext): Promise<void> {
  const { config, emit } = context;
  const shared = encodePrompt(model, config.prompt, config.template);
  const prompts = groupByPrompt(model, shared, context);
  const groups = resolveGroups(model.tokenizer, model.head.vocab, model.stopIds, config.groups);
  emit(runStarted(model, shared, groups, context));
  if (shared.notice) emit({ type: 'notice', ...shared.notice });
  const own = groups.slice(groups.length - config.groups.length);
  for (const { name } of own.filter(({ ids }) => ids.length === 0)) {
    const message = `token group "${name}" has no token of this model's vocabulary: there is nothing to follow`;
    emit({ type: 'notice', code: 'empty-group', message });
  }
  warnOfLength(model, prompts, context);
  for (const { prompt, lanes } of prompts) {
    if (prompt !== shared) for (const { name } of lanes) emit(lanePrompt(model, prompt, name));
  }

  const prefillClock = clock();
  const sequences = await prefillPrompts(model, prompts, context);
  const prefillMs = prefillClock();
  const tokens = prompts.reduce((sum, { prompt }) => sum + prompt.ids.length, 0);
  const reused = sequences.reduce((sum, sequence) => sum + sequence.reused, 0);
  emit({ type: 'prompt.prefilled', tokens, reused, ms: prefillMs });

  const slotClock = clock();
  const decoders: AsyncGenerator<DecodeEvent, void>[] = [];
  const answering: string[] = [];
  for (const [i, { prompt, lanes }] of prompts.entries()) {
    const sequence = sequences[i]!;
    // The last position predicts the answer, not the prompt.
    const targets = prompt.ids.slice(1);
    const objective = new PromptObjective(model.head, sequence.hidden, targets, (positions) => {
      context.signal.throwIfAborted();
      emit({ type: 'slot.progress', positions, total: targets.length });
    });
    const adapted: DecodeLane[] = [];
    for (const lane of lanes) {
      const b = await adapt(model, objective, lane, groups, context);
      if (b) adapted.push({ name: lane.name, b, forcedPrefix: lane.forcedPrefix });
    }
    const options = {
      generation: fitToContext(model, prompt, context),
      listLength: config.listLength,
      isStopped: context.isStopped,
    };
    if (adapted.length > 0) decoders.push(decode(model, sequence, adapted, options));
    answering.push(...adapted.map(({ name }) => name));
  }
  const slotMs = slotClock();

  const decodeClock = clock();
  await decodeLanes(model, interleave(decoders), answering, context);
  emit({ type: 'run.done', ms: { load: loadMs, prefill: prefillMs, slot: slotMs, decode: decodeClock() } });
}

/** Lanes by the ids they read; the run's own prompt first. */
function groupByPrompt(model: Model, shared: EncodedPrompt, { config }: RunContext): PromptGroup[] {
  const groups = new Map<string, PromptGroup>([[shared.ids.join(), { prompt: shared, lanes: [] }]]);
  for (const lane of config.lanes) {
    const foreign = lane.forcedPrefix.find((id) => id >= model.head.vocab);
    if (foreign !== undefined)
      throw badInput('answer-start', `lane "${lane.name}": the model has no token ${foreign}`);
    const prompt = lane.prompt ? encodePrompt(model, lane.prompt, config.template) : shared;
    const tokens = prompt.ids.length + lane.forcedPrefix.length;
    if (lane.forcedPrefix.length > model.room(prompt.ids.length)) {
      throw badInput(
        'answer-start',
        `lane "${lane.name}": prompt and given answer have ${tokens} tokens, but ${limitOf(model, prompt.ids.length)}`,
        'Branch off earlier, or shorten the prompt.',
      );
    }
    const key = prompt.ids.join();
    const group = groups.get(key) ?? { prompt, lanes: [] };
    group.lanes.push(lane);
    groups.set(key, group);
  }
  return [...groups.values()].filter(({ lanes }) => lanes.length > 0);
}

async function prefillPrompts(
  model: Model,
  prompts: readonly PromptGroup[],
  { emit, signal }: RunContext,
): Promise<(Sequence & { readonly reused: number })[]> {
  const total = prompts.reduce((sum, { prompt }) => sum + prompt.ids.length, 0);
  const sequences: (Sequence & { readonly reused: number })[] = [];
  let before = 0;
  for (const { prompt } of prompts) {
    const sequence = await prefill(model, prompt.ids, (tokens) => {
      emit({ type: 'prompt.progress', tokens: before + tokens, total });
      signal.throwIfAborted();
    });
    before += prompt.ids.length;
    model.prefixes.add(sequence);
    sequences.push(sequence);
  }
  return sequences;
}

async function decodeLanes(
  model: Model,
  events: AsyncIterable<DecodeEvent>,
  lanes: readonly string[],
  { emit, signal, record }: RunContext,
): Promise<void> {
  const written = new Map<string, number[]>(lanes.map((lane) => [lane, []]));
  const decodeClock = clock();
  const finish = (lane: string, reason: StopReason) => {
    const ids = written.get(lane) ?? [];
    const text = model.tokenizer.decode(ids);
    emit({ type: 'lane.done', lane, text, ids, reason, tokens: ids.length, ms: decodeClock() });
    written.delete(lane);
  };
  try {
    for await (const event of events) {
      if (event.type === 'token') {
        written.get(event.lane)?.push(event.id);
        emit(event);
      } else if (event.type === 'ended') {
        record.answer(event.answer);
        finish(event.answer.lane, event.reason);
      } else {
        const message = `the logits of token ${event.index + 1} are not finite numbers`;
        const hint = 'Lower lr, take fewer steps, or try the float32 weights.';
        emit({ type: 'lane.failed', lane: event.lane, code: 'not-finite', message, hint });
        written.delete(event.lane);
      }
      signal.throwIfAborted();
    }
  } catch (error) {
    if (signal.aborted) for (const lane of written.keys()) finish(lane, 'cancelled');
    throw error;
  }
}

function runStarted(
  model: Model,
  { text, ids }: EncodedPrompt,
  groups: readonly ResolvedGroup[],
  { runId, config }: RunContext,
): RunEvent {
  return {
    type: 'run.started',
    v: SCHEMA_VERSION,
    runId,
    at: new Date().toISOString(),
    model: {
      id: model.folder.id,
      dtype: model.folder.dtype,
      projection: model.headInfo.projection.operator,
      vocab: model.head.vocab,
      hidden: model.head.hiddenSize,
    },
    config,
    prompt: { text, ids: [...ids], tokens: ids.map((id) => model.tokenizer.text(id)) },
    groups: groups.map(({ name, ids: members }) => ({ name, ids: members.slice(0, MAX_MEMBERS) })),
  };
}

function lanePrompt(model: Model, { text, ids }: EncodedPrompt, lane: string): RunEvent {
  const tokens = ids.map((id) => model.tokenizer.text(id));
  return { type: 'lane.prompt', lane, text, ids: [...ids], tokens };
}

function warnOfLength(
  { originalMaxPositions = Number.POSITIVE_INFINITY }: Model,
  prompts: readonly PromptGroup[],
  { config, emit }: RunContext,
): void {
  const longest =
    Math.max(...prompts.map(({ prompt }) => prompt.ids.length)) + config.generation.maxNewTokens;
  if (longest <= originalMaxPositions) return;
  const message = `beyond ${originalMaxPositions} tokens this export differs from the original model: it keeps the rotary angles of short texts (longrope)`;
  emit({ type: 'notice', code: 'short-angles', message });
}

function fitToContext(
  model: Model,
  { ids }: EncodedPrompt,
  { config, emit }: RunContext,
): RunConfig['generation'] {
  const room = model.room(ids.length);
  const { maxNewTokens } = config.generation;
  if (maxNewTokens <= room) return config.generation;
  const message = `${limitOf(model, ids.length)}, which leaves room for ${room} new tokens instead of ${maxNewTokens}`;
  emit({ type: 'notice', code: 'context-limit', message });
  return { ...config.generation, maxNewTokens: room };
}

/** Why an answer to a prompt of this length must end, for messages. */
function limitOf({ backbone, contextLength = Number.POSITIVE_INFINITY }: Model, tokens: number): string {
  const most = backbone.mostTokens(tokens);
  return most < contextLength
    ? `beyond ${most} tokens the model has other rotary angles (longrope) than this prompt was read with`
    : `the model's context holds ${contextLength}`;
}
