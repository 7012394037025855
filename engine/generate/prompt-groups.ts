/** The prompts of a run: lanes that answer the same one share it. */
import type { Model } from '../model/model';
import type { Sequence } from '../model/prefix-cache';
import { badInput, type GenerationSettings, type LaneSettings } from '../protocol';
import { prefill } from './prefill';
import { type EncodedPrompt, encodePrompt } from './prompt';
import type { RunContext } from './run-context';

/** Lanes that answer the same prompt. */
export interface PromptGroup {
  readonly prompt: EncodedPrompt;
  readonly lanes: LaneSettings[];
}

export interface ReadPrompt extends Sequence {
  /** Tokens that were known from an earlier turn. */
  readonly reused: number;
}

/** @throws EngineError for a prompt, or a forced prefix, that cannot be run. Lanes by the ids they read; the run's own prompt first. */
export function groupByPrompt(model: Model, shared: EncodedPrompt, { config }: RunContext): PromptGroup[] {
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

/**
 * @param onRead called with the tokens read so far
 * @throws the signal's reason
 */
export async function prefillPrompts(
  model: Model,
  prompts: readonly PromptGroup[],
  signal: AbortSignal,
  onRead: (tokens: number) => void,
): Promise<ReadPrompt[]> {
  const sequences: ReadPrompt[] = [];
  let before = 0;
  for (const { prompt } of prompts) {
    const sequence = await prefill(model, prompt.ids, (tokens) => {
      onRead(before + tokens);
      signal.throwIfAborted();
    });
    before += prompt.ids.length;
    model.prefixes.add(sequence);
    sequences.push(sequence);
  }
  return sequences;
}

/** As many new tokens as the model's context leaves room for, which is told where they are fewer. */
export function fitToContext(
  model: Model,
  { ids }: EncodedPrompt,
  { config, emit }: RunContext,
): GenerationSettings {
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
