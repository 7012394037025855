/** JSON Lines: one object a line. */
import { readPieces } from '../files/read';
import { badInput } from '../protocol';
import { MAX_COLUMNS, MAX_ROW_BYTES, type Table, type TableRow } from './table';

const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = '\ufeff';
/** Rows whose keys are gathered as columns. */
const ROWS_LOOKED_AT = 1_000;

export async function openJsonl(path: string): Promise<Table> {
  const columns = new Set<string>();
  return {
    get columns() {
      return [...columns];
    },
    async *rows() {
      let row = 0;
      for await (const { line, bytes } of linesOf(readPieces(path))) {
        const read = bytes ? readLine(line, bytes) : tooLong(line);
        if (!read) continue;
        if (row === 0 && 'problem' in read && bytes?.[0] === 0x5b) throw notLines(path);
        if ('values' in read && row++ < ROWS_LOOKED_AT) gather(columns, read.values);
        yield read;
      }
    },
  };
}

interface Line {
  /** From 1. */
  readonly line: number;
  /** Undefined where it is too long. */
  readonly bytes: Buffer | undefined;
}

async function* linesOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let line = 1;
  let begun: Buffer[] = [];
  let length = 0;
  const add = (part: Buffer) => {
    length += part.length;
    if (length <= MAX_ROW_BYTES) begun.push(part);
    else begun = [];
  };
  const end = (): Line => {
    const bytes = length <= MAX_ROW_BYTES ? Buffer.concat(begun) : undefined;
    begun = [];
    length = 0;
    return { line: line++, bytes };
  };
  for await (const piece of pieces) {
    let start = 0;
    for (let at = piece.indexOf(NEWLINE); at >= 0; at = piece.indexOf(NEWLINE, start)) {
      add(piece.subarray(start, at));
      yield end();
      start = at + 1;
    }
    add(piece.subarray(start));
  }
  if (length > 0) yield end();
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @returns undefined for a blank line */
function readLine(line: number, bytes: Buffer): TableRow | undefined {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return { line, problem: 'not UTF-8' };
  }
  if (line === 1 && text.startsWith(BYTE_ORDER_MARK)) text = text.slice(1);
  if (text.trim() === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { line, problem: 'not JSON' };
  }
  return isRecord(value) ? { line, values: value } : { line, problem: 'not a JSON object' };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function gather(columns: Set<string>, values: Readonly<Record<string, unknown>>): void {
  for (const name of Object.keys(values)) if (columns.size < MAX_COLUMNS) columns.add(name);
}

function tooLong(line: number): TableRow {
  return { line, problem: `longer than ${MAX_ROW_BYTES / 2 ** 20} MiB` };
}

function notLines(path: string) {
  return badInput(
    'dataset-format',
    `${path} is one JSON list, not JSON Lines`,
    'Write one object a line: jq -c ".[]" FILE.',
  );
}
