/** Exported figures and names, down to the bytes that a spreadsheet and a file system get. */
import { describe, expect, it } from 'vitest';
import { toCsv } from '../../../engine/protocol';
import { TOKEN_COLUMNS, tokenCells } from '../../../renderer/export/csv';
import { fileName } from '../../../renderer/export/file-name';
import { isClear, plainColour } from '../../../renderer/export/svg-colour';

describe('CSV', () => {
  it('quotes what needs it, by RFC 4180', () => {
    const rows = [['a,b', 'say "so"', 'two\nlines', ' edge', 'plain']];
    expect(toCsv({ columns: ['a', 'b', 'c', 'd', 'e'], rows })).toBe(
      '\uFEFFa,b,c,d,e\r\n"a,b","say ""so""","two\nlines"," edge",plain\r\n',
    );
  });

  it('writes numbers in full, and nothing for what is missing', () => {
    const rows = [[0.1 + 0.2, -1e-12, Number.NaN, Number.NEGATIVE_INFINITY, null]];
    expect(toCsv({ columns: ['x'], rows })).toBe('\uFEFFx\r\n0.30000000000000004,-1e-12,NaN,-Infinity,\r\n');
  });

  it.each([
    ['=1+1', "'=1+1"],
    ['+1', '+1'],
    ['-1.5e-7', '-1.5e-7'],
    ['-1+1', "'-1+1"],
    ['+cmd', "'+cmd"],
    ['-', "'-"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\r=1', `"'\r=1"`],
    ['\n', `"'\n"`],
    ['＝1', "'＝1"],
    ["'", "''"],
    ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
    ['a=1', 'a=1'],
  ])('keeps the cell %j from being computed', (cell, written) => {
    expect(toCsv({ columns: ['token'], rows: [[cell]] })).toBe(`\uFEFFtoken\r\n${written}\r\n`);
    expect(toCsv({ columns: [cell], rows: [] })).toBe(`\uFEFF${written}\r\n`);
  });

  it('lets every text be told from its cell: what follows one apostrophe is the text', () => {
    const texts = ['=1', "'=1", "'", "''x", '+', '-', '\t', 'plain', '"', 'a,b', '\r\n', ' '];
    const [, ...cells] = readCsv(toCsv({ columns: ['text'], rows: texts.map((text) => [text]) }));
    expect(cells.map(([cell]) => cell?.replace(/^'/, ''))).toEqual(texts);
  });

  it('writes a token with its id, as JSON that no spreadsheet computes and that says every character', () => {
    const tokens = [
      '\n',
      "'",
      '+',
      '=',
      '=cmd()',
      '"',
      '\\n',
      ' think',
      '·',
      '1e5',
      '4,096',
      '👩\u200d🔬',
      '\u202e',
      '',
    ];
    const rows = tokens.map((token, id) => tokenCells(id, token));
    const [head, ...cells] = readCsv(toCsv({ columns: TOKEN_COLUMNS, rows }));
    expect(head).toEqual(['id', 'token (JSON)']);
    expect(cells.map(([, cell]) => JSON.parse(cell ?? ''))).toEqual(tokens);
    expect(cells.map(([id]) => Number(id))).toEqual(tokens.map((_, id) => id));
    for (const [, cell] of cells) expect(cell).toMatch(/^"[^\p{Cc}\p{Cf}]*"$/u);
  });
});

/** Rows of cells by RFC 4180, the byte-order mark that Excel needs taken off. */
function readCsv(file: string): string[][] {
  expect(file[0]).toBe('\uFEFF');
  const rows: string[][] = [[]];
  for (const [, quoted, bare, end] of file.slice(1).matchAll(/(?:"((?:[^"]|"")*)"|([^,"\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? bare ?? '');
    if (end === '\r\n') rows.push([]);
  }
  return rows.slice(0, -1);
}

describe('a colour', () => {
  it('is written so that older readers of SVG know it', () => {
    expect(plainColour('color(srgb 1 0.5 0)')).toBe('rgb(255, 128, 0)');
    expect(plainColour('color(srgb 1 -0.01 1.2 / 0.25)')).toBe('rgba(255, 0, 255, 0.25)');
    expect(plainColour('rgb(1, 2, 3)')).toBe('rgb(1, 2, 3)');
    expect(isClear('rgba(0, 0, 0, 0)')).toBe(true);
    expect(isClear('color(srgb 1 1 1 / 0)')).toBe(true);
    expect(isClear('rgb(0, 0, 0)')).toBe(false);
  });
});

describe('a file name', () => {
  it('says what, of which model and when, in characters that every file system takes', () => {
    const at = new Date(2025, 5, 1, 9, 3).toISOString();
    expect(fileName({ model: 'starter', at }, 'Prompt loss', 'csv')).toBe(
      'slot-studio-starter-2025-06-01-0903-prompt-loss.csv',
    );
    const hostile = { model: 'onnx-community/Qwen2.5 <0.5B>:é\u202E', at };
    expect(fileName(hostile, '‖delta‖₂', 'png')).toBe(
      'slot-studio-onnx-community-qwen2.5-0.5b-e-2025-06-01-0903-delta-2.png',
    );
  });

  it('leaves out what is not known, and stays short', () => {
    expect(fileName({ model: '', at: 'never' }, 'run', 'jsonl')).toBe('slot-studio-run.jsonl');
    expect(fileName({ model: '../'.repeat(500), at: '' }, '.', 'svg')).toBe('slot-studio.svg');
    expect(fileName({ model: 'x'.repeat(500), at: '' }, 'y', 'svg').length).toBeLessThan(100);
  });
});
