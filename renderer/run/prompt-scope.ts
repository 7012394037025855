/** How much each prompt token counts in a lane's loss, and tokens chosen by hand. */
import type { Scope, SlotScope } from '../../engine/protocol';

export interface TokenScope {
  /** Its share of the loss, from 0 to 1. */
  readonly weight: number;
  /** Its share of the held-out loss. */
  readonly heldOut: number;
}

/** Null where the whole prompt counts alike. The first token is never predicted, so that it never counts. */
export function tokenScope(scope: SlotScope | null, position: number): TokenScope | null {
  if (!scope) return null;
  return { weight: scope.weights[position - 1] ?? 0, heldOut: scope.heldOut?.[position - 1] ?? 0 };
}

/** In a few words; '' where the whole prompt counts alike. */
export function scopeWords(scope: TokenScope | null): string {
  if (!scope) return '';
  if (scope.weight > 0) return `${(100 * scope.weight).toPrecision(2)} % of the loss`;
  return scope.heldOut > 0 ? 'held out' : 'not learned from';
}

export interface Brush {
  readonly from: number;
  readonly to: number;
}

export function isBrushed(brush: Brush | null, position: number): boolean {
  if (!brush) return false;
  return position >= Math.min(brush.from, brush.to) && position <= Math.max(brush.from, brush.to);
}

/**
 * The tokens of a brush, alone or beside those that are chosen already.
 * @param tokens of the prompt, of which the first is left out
 * @returns null where that leaves none
 */
export function brushed(brush: Brush, tokens: number, before: Scope | null): Scope | null {
  const first = Math.max(1, Math.min(brush.from, brush.to));
  const last = Math.min(tokens - 1, Math.max(brush.from, brush.to));
  if (last < first) return null;
  const kept = before?.kind === 'tokens' ? before.ranges : [];
  return { kind: 'tokens', ranges: joined([...kept, { first, last, weight: 1 }]) };
}

type Ranges = Extract<Scope, { kind: 'tokens' }>['ranges'];

/** In order; neighbours of one weight become one. */
function joined(ranges: Ranges): Ranges {
  const weights = new Map<number, number>();
  for (const { first, last, weight } of ranges)
    for (let at = first; at <= last; at++) weights.set(at, weight);
  const result: Ranges = [];
  for (const [at, weight] of [...weights].sort(([a], [b]) => a - b)) {
    const previous = result.at(-1);
    if (previous && previous.last === at - 1 && previous.weight === weight) previous.last = at;
    else result.push({ first: at, last: at, weight });
  }
  return result;
}
