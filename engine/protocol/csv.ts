/** Tables as CSV (RFC 4180) that spreadsheets show and never execute, and from which every text can be told. */

export type CsvCell = string | number | null;

export interface CsvTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly CsvCell[])[];
}

/** Excel reads a file as UTF-8 only where it begins with a byte-order mark. */
const BYTE_ORDER_MARK = '\uFEFF';

export function toCsv({ columns, rows }: CsvTable): string {
  return BYTE_ORDER_MARK + [columns, ...rows].map((row) => `${row.map(writeCell).join(',')}\r\n`).join('');
}

const NUMBER = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i;

/** Numbers in full, `NaN` and infinities as Python and JavaScript read them. */
function writeCell(cell: CsvCell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  // A number is no formula, whatever its sign.
  const safe = NUMBER.test(cell) ? cell : defuse(cell);
  return /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * Spreadsheets compute cells that begin with these signs; an apostrophe in front makes them text. One that is there
 * already is doubled, so that the text is always what follows one apostrophe.
 * https://owasp.org/www-community/attacks/CSV_Injection
 */
function defuse(text: string): string {
  return /^[=+\-@\t\r\n＝＋－＠']/.test(text) ? `'${text}` : text;
}
