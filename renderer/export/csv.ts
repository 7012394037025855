/** A chart's figures as a table, and how a token stands in one. */
import { type CsvTable, visibleJson } from '../../engine/protocol';

export type ChartData = CsvTable;

/**
 * The columns of a token: its id, and its text as a JSON string, in which line breaks, spaces and quotes can be told
 * apart and which no spreadsheet takes for a formula or a number.
 */
export const TOKEN_COLUMNS = ['id', 'token (JSON)'] as const;

export function tokenCells(id: number, token: string): readonly [number, string] {
  return [id, visibleJson(token)];
}
