/** Files of rows: what every format is read as, and what a row may hold. */

/** A row's values by column, or what is wrong with it. */
export type TableRow =
  | { readonly line: number; readonly values: Readonly<Record<string, unknown>> }
  | { readonly line: number; readonly problem: string };

export interface Table {
  /** All columns; of JSON Lines those of the rows that have been read. */
  readonly columns: readonly string[];
  /** In the file's order, once. @param wanted columns that values are needed of */
  rows(wanted: readonly string[]): AsyncGenerator<TableRow>;
}

/** Bytes of a row: more than any prompt holds. A longer one is broken, and is not kept while it is passed over. */
export const MAX_ROW_BYTES = 4 * 2 ** 20;
export const MAX_COLUMNS = 2_000;
