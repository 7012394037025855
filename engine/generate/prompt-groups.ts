/** The prompts of a run: lanes that answer the same one share it. */
import { adapts, badInput, EngineError, type GenerationSettings, type LaneSettings } from '../protocol';
import type { LanguageModel, ReadPrompt } from './language-model';
import { type EncodedPrompt, encodePrompt } from './prompt';
import type { RunContext } from './run-context';
import { fitOf, type ScopedPrompt } from './scope';

/** Lanes that answer the same prompt. */
export interface PromptGroup {
  readonly prompt: EncodedPrompt;
  /** As the first of the lanes has it. */
  readonly scoped: ScopedPrompt;
  readonly lanes: LaneSettings[];
}

/** @throws EngineError for a prompt, a forced prefix or a scope that cannot be run. Lanes by the ids they read; the run's own prompt first. */
export function groupByPrompt(
  model: LanguageModel,
  shared: EncodedPrompt,
  { config }: RunContext,
): PromptGroup[] {
  const scopedBy = (lane: Partial<LaneSettings>, encoded: EncodedPrompt): ScopedPrompt => ({
    prompt: lane.prompt ?? config.prompt,
    template: config.template,
    encoded,
  });
  const first = { prompt: shared, scoped: scopedBy({}, shared), lanes: [] };
  const groups = new Map<string, PromptGroup>([[shared.ids.join(), first]]);
  for (const lane of config.lanes) {
    const foreign = lane.forcedPrefix.find((id) => id >= model.head.vocab);
    if (foreign !== undefined)
      throw badInput('answer-start', `lane "${lane.name}": the model has no token ${foreign}`);
    const prompt = lane.prompt ? encodePrompt(model, lane.prompt, config.template) : shared;
    const tokens = prompt.ids.length + lane.forcedPrefix.length;
    if (lane.forcedPrefix.length > model.room(prompt.ids.length)) {
      throw badInput(
        'answer-start',
        `lane "${lane.name}": prompt and given answer have ${tokens} tokens, but ${model.limitOf(prompt.ids.length)}`,
        'Branch off earlier, or shorten the prompt.',
      );
    }
    const scoped = scopedBy(lane, prompt);
    if (adapts(lane)) checkScope(model, scoped, lane);
    const key = prompt.ids.join();
    const group = groups.get(key) ?? { prompt, scoped, lanes: [] };
    group.lanes.push(lane);
    groups.set(key, group);
  }
  return [...groups.values()].filter(({ lanes }) => lanes.length > 0);
}

function checkScope(model: LanguageModel, scoped: ScopedPrompt, lane: LaneSettings): void {
  try {
    fitOf(model, scoped, lane);
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'scope') throw error;
    throw badInput(error.code, `lane "${lane.name}": ${error.message}`, error.hint);
  }
}

/**
 * @param onRead called with the tokens read so far
 * @throws the signal's reason
 */
export async function prefillPrompts(
  model: LanguageModel,
  prompts: readonly PromptGroup[],
  signal: AbortSignal,
  onRead: (tokens: number) => void,
): Promise<ReadPrompt[]> {
  const sequences: ReadPrompt[] = [];
  let before = 0;
  for (const { prompt } of prompts) {
    const onProgress = (tokens: number) => onRead(before + tokens);
    sequences.push(await model.prefill(prompt.ids, { onProgress, signal, isKept: true }));
    before += prompt.ids.length;
  }
  return sequences;
}

/** As many new tokens as the model's context leaves room for, which is told where they are fewer. */
export function fitToContext(
  model: LanguageModel,
  { ids }: EncodedPrompt,
  { config, emit }: RunContext,
): GenerationSettings {
  const room = model.room(ids.length);
  const { maxNewTokens } = config.generation;
  if (maxNewTokens <= room) return config.generation;
  const message = `${model.limitOf(ids.length)}, which leaves room for ${room} new tokens instead of ${maxNewTokens}`;
  emit({ type: 'notice', code: 'context-limit', message });
  return { ...config.generation, maxNewTokens: room };
}
