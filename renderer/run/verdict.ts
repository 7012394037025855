/** A split in a sentence: what delta did to the odds of the two candidates in one lane. */
import { visibleToken } from '../../engine/protocol';
import { number } from '../ui/text/format';
import type { Contest, LaneMargin } from './contest';

/** Null for a lane without delta, and where the engine did not list both candidates. */
export function verdictOf({ candidates }: Contest, own: LaneMargin, lane: string): string | null {
  const { margin, baseMargin, moved, chosen, wasForced, flipped } = own;
  if (wasForced) return `${lane} was given ${quoted(chosen.token)}: no distribution chose it.`;
  if (margin === null || baseMargin === null || moved === null || moved === 0) return null;
  const [first, second] = candidates;
  const gained = moved > 0 ? first : second;
  const led = baseMargin > 0 ? first : second;
  const ahead = margin > 0 ? first : second;
  const shift = `In ${lane} delta moved the odds by ${number(Math.abs(moved))} nats towards ${quoted(gained.token)}`;
  const lead = `${number(Math.abs(baseMargin))} by which ${quoted(led.token)} led without it`;
  const outcome = flipped
    ? `${shift}, more than the ${lead}.`
    : `${shift}; ${quoted(led.token)} led by ${number(Math.abs(baseMargin))} without it and still does.`;
  // Greedy lanes take the first; a drawn token may be neither.
  return chosen.id === ahead.id ? outcome : `${outcome} The draw took ${quoted(chosen.token)} all the same.`;
}

function quoted(token: string): string {
  return `“${visibleToken(token, 16)}”`;
}
