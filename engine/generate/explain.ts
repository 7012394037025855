/** Tokens whose shift is told by prompt token: which of them taught delta to favour it. */
import { badInput, isSlot, type LaneSettings, type RunConfig } from '../protocol';
import { contributions, type TakenStep } from '../slot/explain';
import type { PromptDeltas } from './deltas';
import type { LanguageModel } from './language-model';
import type { RunContext } from './run-context';

interface Explaining {
  readonly model: LanguageModel;
  readonly deltas: PromptDeltas;
  readonly context: RunContext;
}

/** @throws EngineError `explain` for a text that is not one token of the model's */
export function explainedTokens(
  { tokenizer }: Pick<LanguageModel, 'tokenizer'>,
  { explain = [] }: Pick<RunConfig, 'explain'>,
): number[] {
  return explain.map((text) => {
    const ids = tokenizer.encode(text, false);
    if (ids.length === 1) return ids[0]!;
    const pieces = ids.map((id) => JSON.stringify(tokenizer.text(id))).join(', ');
    const message = `"${text}" is ${ids.length} tokens of this model's (${pieces}), and one at a time is explained`;
    throw badInput('explain', message, 'Give one of them; a space before a word belongs to its token.');
  });
}

/** Whether the lane's steps are to be kept for it. */
export function isExplained(
  settings: LaneSettings,
  { context: { config } }: Pick<Explaining, 'context'>,
): boolean {
  return isSlot(settings) && (config.explain ?? []).length > 0;
}

/**
 * Tells each token's shift in parts.
 * @param shift [V] that the steps came to
 */
export async function tellExplained(
  settings: LaneSettings,
  { model, deltas, context }: Explaining,
  steps: readonly TakenStep[],
  shift: Float32Array,
): Promise<void> {
  const lane = settings.name;
  if (!model.head.isAffine) {
    const message = 'a soft-capped head bends its logits, so that a shift has no parts by prompt token';
    context.emit({ type: 'notice', code: 'not-explained', lane, message });
    return;
  }
  for (const id of explainedTokens(model, context.config)) {
    context.signal.throwIfAborted();
    const parts = await contributions(model.head, deltas.objectiveOf(settings), settings, id, steps);
    const token = model.tokenizer.text(id);
    context.emit({ type: 'slot.explained', lane, id, token, shift: shift[id]!, contributions: [...parts] });
  }
}
