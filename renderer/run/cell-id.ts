/** The id of the element that holds one lane's answer to one turn. */

export function cellId(turn: string, lane: string): string {
  return `answer-${turn}-${lane}`;
}
