/** CSV with a header: commas, tabs, semicolons or bars, quoted as RFC 4180 says. */
import Papa from 'papaparse';
import { readPieces } from '../files/read';
import { badInput } from '../protocol';
import { MAX_COLUMNS, MAX_ROW_BYTES, type Table, type TableRow } from './table';

const DELIMITERS = [',', '\t', ';', '|'];

interface CsvRecord {
  readonly line: number;
  readonly fields: readonly string[];
  readonly problem?: string;
}

/** @throws EngineError `dataset-format` where there is no header */
export async function openCsv(path: string): Promise<Table> {
  const columns = await headerOf(path);
  checkHeader(path, columns);
  return {
    columns,
    async *rows() {
      let isHeader = true;
      for await (const record of recordsOf(path)) {
        const isBlank = record.fields.length === 1 && record.fields[0] === '' && columns.length > 1;
        if (!isHeader && !isBlank) yield rowOf(columns, record);
        isHeader = false;
      }
    },
  };
}

async function headerOf(path: string): Promise<readonly string[]> {
  for await (const { fields } of recordsOf(path)) return fields;
  return [];
}

function rowOf(columns: readonly string[], { line, fields, problem }: CsvRecord): TableRow {
  if (problem !== undefined) return { line, problem };
  if (fields.length !== columns.length)
    return { line, problem: `${fields.length} fields where the header has ${columns.length}` };
  return { line, values: Object.fromEntries(columns.map((name, i) => [name, fields[i]])) };
}

function checkHeader(path: string, columns: readonly string[]): void {
  const twice = columns.find((name, i) => columns.indexOf(name) !== i);
  const problem =
    columns.length === 0
      ? 'is empty'
      : columns.length > MAX_COLUMNS
        ? `has more than ${MAX_COLUMNS} columns`
        : twice !== undefined
          ? `has two columns "${twice}"`
          : undefined;
  if (problem !== undefined)
    throw badInput('dataset-format', `${path} ${problem}`, 'Its first line must name its columns.');
}

/** Records, the header among them, parsed by pieces, so that no more than a piece and a record is held. */
async function* recordsOf(path: string): AsyncGenerator<CsvRecord> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const found: Step[] = [];
  let parser: Papa.Parser | undefined;
  let text = '';
  let line = 1;
  const parse = (isLast: boolean): CsvRecord[] => {
    parser ??= newParser(text, (step) => found.push(step));
    parser.parse(text, 0, !isLast);
    let start = 0;
    const records = found.splice(0).map(({ cursor, ...record }) => {
      const at = { line, ...record };
      line += breaksIn(text, start, cursor);
      start = cursor;
      return at;
    });
    text = text.slice(start);
    return records;
  };
  for await (const piece of readPieces(path)) {
    text += decode(piece);
    yield* parse(false);
    if (text.length > MAX_ROW_BYTES) throw tooLong(path, line);
  }
  text += decode();
  yield* parse(true);

  function decode(piece?: Buffer): string {
    try {
      return decoder.decode(piece, { stream: piece !== undefined });
    } catch {
      throw badInput('bad-row', `${path} is not UTF-8 (after line ${line})`, 'Save it as UTF-8.');
    }
  }
}

function tooLong(path: string, line: number) {
  return badInput(
    'bad-row',
    `${path}, line ${line}: a record of more than ${MAX_ROW_BYTES / 2 ** 20} MiB begins here`,
    'A quotation mark may be left open.',
  );
}

interface Step {
  readonly fields: string[];
  /** Where the record ends in the text. */
  readonly cursor: number;
  readonly problem?: string;
}

function newParser(text: string, add: (step: Step) => void): Papa.Parser {
  const header = /^[^\r\n]*/.exec(text)?.[0] ?? '';
  const count = (delimiter: string) => header.split(delimiter).length;
  const delimiter = DELIMITERS.reduce((best, each) => (count(each) > count(best) ? each : best));
  const lineEnd = /\r\n|\n|\r/.exec(text)?.[0];
  const newline = lineEnd === '\r\n' || lineEnd === '\r' ? lineEnd : '\n';
  return new Papa.Parser({
    delimiter,
    newline,
    // Of one record each: the parser takes them apart itself.
    step: ({ data, errors, meta }) => {
      const [row] = data;
      const fields = Array.isArray(row) ? row.map(String) : [];
      const [error] = errors;
      add({ fields, cursor: meta.cursor, ...(error ? { problem: error.message } : {}) });
    },
  });
}

function breaksIn(text: string, start: number, end: number): number {
  return text.slice(start, end).match(/\r\n|\n|\r/g)?.length ?? 0;
}
