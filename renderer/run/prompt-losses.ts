/** The prompt's own loss, token by token, before SLOT and after any number of updates. */
import type { Adaptation } from './curves';

export interface PromptLosses {
  /** Of token i + 1: the first is never predicted. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** Updates that `after` is measured after; not the step that was asked for where that one was not kept. */
  readonly step: number;
}

/** Null until the lane is done: only then is the loss before the first update known. */
export function promptLosses({ steps, slot }: Adaptation, step: number): PromptLosses | null {
  if (!slot) return null;
  const { before, after } = slot.positionLoss;
  if (step <= 0) return { before, after: before, step: 0 };
  const own = steps[Math.min(step, steps.length) - 1]?.positionLoss;
  if (own) return { before, after: own, step: Math.min(step, steps.length) };
  return { before, after, step: steps.length };
}

export interface LearnedToken {
  readonly position: number;
  readonly token: string;
  readonly before: number;
  readonly after: number;
  /** Falls are above 0. */
  readonly drop: number;
}

/** By the greatest fall of loss; tokens that got worse are left out. */
export function mostLearned(
  tokens: readonly string[],
  { before, after }: PromptLosses,
  most: number,
): LearnedToken[] {
  return tokens
    .slice(1)
    .map((token, at) => {
      const [was, is] = [before[at]!, after[at]!];
      return { position: at + 1, token, before: was, after: is, drop: was - is };
    })
    .filter(({ drop }) => drop > 0)
    .sort((a, b) => b.drop - a.drop || a.position - b.position)
    .slice(0, most);
}

/** Breaks a text into lines that fit: the first position of each line. */
export function lineStarts(widths: readonly number[], room: number): number[] {
  const starts: number[] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const [position, width] of widths.entries()) {
    if (used + width > room) {
      starts.push(position);
      used = 0;
    }
    used += width;
  }
  return starts;
}
