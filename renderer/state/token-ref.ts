/** A token of an answer, wherever it is shown. */
export interface TokenRef {
  readonly turn: string;
  /** The lane's id. */
  readonly lane: string;
  readonly runId: string;
  readonly index: number;
}
