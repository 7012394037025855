/** What each prompt token taught delta about one token: estimated for all of them, measured for some. */
import type { SlotExplained } from '../../engine/protocol';
import { signed } from '../ui/text/format';

/** `estimate`: each token's share of the steps as they were taken. `left-out`: the steps taken anew without the token. */
export type PartsBy = 'estimate' | 'left-out';

/** The token whose shift is explained, and how. */
export interface Explanation {
  readonly id: number;
  readonly by: PartsBy;
}

export interface Parts {
  readonly by: PartsBy;
  /** Logits, of prompt token i + 1; null where it was not left out. */
  readonly values: readonly (number | null)[];
}

/** @returns null where nothing was explained so */
export function partsOf(explained: SlotExplained | undefined, by: PartsBy): Parts | null {
  if (!explained) return null;
  const { contributions, shift, without = [] } = explained;
  if (by === 'estimate') return { by, values: contributions };
  if (without.length === 0) return null;
  const measured = new Map(without.map((each) => [each.target, shift - each.shift]));
  return { by, values: contributions.map((_, target) => measured.get(target) ?? null) };
}

/** What a prompt token added; '' where it is not known. */
export function partWords(parts: Parts | null, position: number): string {
  const value = parts?.values[position - 1] ?? null;
  if (!parts || value === null) return '';
  return parts.by === 'estimate' ? `adds ${signed(value)}` : `worth ${signed(value)}, by leaving it out`;
}

/**
 * How alike estimate and measurement rank the tokens that were left out: Spearman's correlation, from -1 to 1, ties by
 * their mean rank.
 * @returns null of fewer than three tokens, or where one side ranks all alike
 */
export function rankAgreement({ contributions, shift, without = [] }: SlotExplained): number | null {
  if (without.length < 3) return null;
  const estimated = centredRanks(without.map(({ target }) => contributions[target] ?? 0));
  const measured = centredRanks(without.map((each) => shift - each.shift));
  const size = Math.sqrt(product(estimated, estimated) * product(measured, measured));
  return size > 0 ? product(estimated, measured) / size : null;
}

function centredRanks(values: readonly number[]): number[] {
  return values.map((value) => values.reduce((sum, other) => sum + Math.sign(value - other) / 2, 0));
}

function product(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
