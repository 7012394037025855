/** Whether an answer ran into a loop. */

/** The longest piece that is looked for, in tokens: longer ones are hardly ever seen, and few answers hold four. */
const MAX_PERIOD = 128;
const MIN_REPEATS = 4;
/** A row of four equal tokens may be a number or a rule of dashes; twelve tokens of repetition are not. */
const MIN_TOKENS = 12;

/**
 * Whether its end is one piece of at most 128 tokens, at least four times in a row and over at least twelve tokens;
 * the last time may be cut off.
 */
export function endsInLoop(ids: readonly number[]): boolean {
  for (let period = 1; period <= MAX_PERIOD; period++) {
    const needed = Math.max(MIN_REPEATS * period, MIN_TOKENS);
    if (needed > ids.length) return false;
    let repeated = period;
    for (let i = ids.length - 1; i >= period && ids[i] === ids[i - period]; i--) repeated++;
    if (repeated >= needed) return true;
  }
  return false;
}
