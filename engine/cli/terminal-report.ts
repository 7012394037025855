/** What reports for a terminal have in common: lines, one line of progress that is written over, styles, tables. */
import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import { readableText } from '../protocol';

export type Style = Parameters<typeof styleText>[0];

export abstract class TerminalReport {
  private readonly colour: boolean;

  constructor(
    private readonly out: WriteStream,
    private readonly progress: WriteStream,
  ) {
    this.colour = out.isTTY === true && !process.env.NO_COLOR;
  }

  protected line(text = ''): void {
    this.out.write(`${text}\n`);
  }

  /** Beside the output. */
  note(text: string): void {
    this.clear();
    this.progress.write(`note: ${readableText(text)}\n`);
  }

  /** Nothing where no terminal shows it. */
  protected status(text: string): void {
    if (this.progress.isTTY) this.progress.write(`\r${text}\u001b[K`);
  }

  protected clear(): void {
    if (this.progress.isTTY) this.progress.write('\r\u001b[K');
  }

  protected style(style: Style, text: string): string {
    return this.colour ? styleText(style, text) : text;
  }

  /** @param isText whether a column is aligned to the left; the others are numbers */
  protected table(
    rows: readonly (readonly string[])[],
    isText = (column: number): boolean => column === 0,
  ): void {
    const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
    for (const row of rows) {
      const cells = row.map((cell, i) => (isText(i) ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)));
      this.line(readableText(cells.join('  ').trimEnd()));
    }
    this.line();
  }
}
