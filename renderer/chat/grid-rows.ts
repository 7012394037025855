/** The rows of the columns' grid: a head, then for each turn what was said, where lanes part, and the answers. */

const ROWS_PER_TURN = 3;

export function saidRow(turn: number): number {
  return 2 + turn * ROWS_PER_TURN;
}

export function divergenceRow(turn: number): number {
  return saidRow(turn) + 1;
}

export function answerRow(turn: number): number {
  return saidRow(turn) + 2;
}

/** The last row takes the room that is left, so that columns reach the bottom. */
export function gridRows(turns: number): string {
  return `auto ${turns > 0 ? `repeat(${turns * ROWS_PER_TURN}, auto)` : ''} 1fr`;
}
