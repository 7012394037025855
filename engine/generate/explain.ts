/** Tokens whose shift is told by prompt token: which of them taught delta to favour it. */
import { badInput, isSlot, type LaneSettings, MAX_LEFT_OUT, type RunConfig } from '../protocol';
import { contributions, shiftsWithout, type TakenStep } from '../slot/explain';
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
    throw badInput(
      'explain',
      message,
      'Give one of them; a space before a word belongs to its token (in the window it is written ·).',
    );
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
  const ids = explainedTokens(model, context.config);
  const objective = deltas.objectiveOf(settings);
  const parts: Float64Array[] = [];
  for (const id of ids) {
    context.signal.throwIfAborted();
    parts.push(await contributions(model.head, objective, settings, id, steps));
  }
  const largest = parts.map((own) => largestOf(own));
  const targets = [...new Set(largest.flat())];
  const taken = { ...settings, steps: steps.length };
  const without = await shiftsWithout(model.head, objective, taken, targets, ids, context.signal);
  for (const [at, id] of ids.entries()) {
    const measured = largest[at]!.flatMap((target) => {
      const shifts = without.get(target);
      return shifts ? [{ target, shift: shifts[at]! }] : [];
    });
    context.emit({
      type: 'slot.explained',
      lane,
      id,
      token: model.tokenizer.text(id),
      shift: shift[id]!,
      contributions: [...parts[at]!],
      without: measured,
    });
  }
}

/** The targets that contribute most, up or down. */
function largestOf(contributed: Float64Array): number[] {
  return [...contributed.keys()]
    .filter((i) => contributed[i] !== 0)
    .sort((a, b) => Math.abs(contributed[b]!) - Math.abs(contributed[a]!))
    .slice(0, MAX_LEFT_OUT);
}
