/** An answer's tokens in blocks that end with a line: what is off screen need not be laid out. */
import type { TokenEvent } from '../../engine/protocol';

const LEAST = 48;

/** Where each block begins. Blocks already found stay as they are while tokens arrive. */
export function blockStarts(tokens: readonly TokenEvent[]): number[] {
  const starts = [0];
  for (const [index, { text }] of tokens.entries()) {
    const begun = starts.at(-1)!;
    // A line break at the end of a block is the block's own end: nothing is drawn for it twice.
    if (text.endsWith('\n') && index + 1 - begun >= LEAST) starts.push(index + 1);
  }
  if (starts.length > 1 && starts.at(-1) === tokens.length) starts.pop();
  return starts;
}
