/** A chart's figures as CSV (RFC 4180) that spreadsheets show and never execute. */

export type Cell = string | number | null;

export interface ChartData {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

export function toCsv({ columns, rows }: ChartData): string {
  return [columns, ...rows].map((row) => `${row.map(writeCell).join(',')}\r\n`).join('');
}

/** Figures as the window writes them, with its signs and commas, as numbers again. */
export function plainData({ columns, rows }: ChartData): ChartData {
  return { columns, rows: rows.map((row) => row.map(plainCell)) };
}

function plainCell(cell: Cell): Cell {
  if (typeof cell !== 'string' || !/^[+−-]?\d[\d,]*(\.\d+)?(e[+−-]?\d+)?$/.test(cell)) return cell;
  return Number(cell.replaceAll('−', '-').replaceAll(',', ''));
}

const NUMBER = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i;

/** Numbers in full, `NaN` and infinities as Python and JavaScript read them. */
function writeCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  // A number is no formula, whatever its sign.
  const safe = NUMBER.test(cell) ? cell : defuse(cell);
  return /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * Spreadsheets compute cells that begin with these signs; an apostrophe in front makes them text.
 * https://owasp.org/www-community/attacks/CSV_Injection
 */
function defuse(text: string): string {
  return /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
}
