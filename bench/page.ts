/** Puts a report's tables into a Markdown page, between its two marks. */
import { cells, type Report } from './report';

const BEGIN = '<!-- bench: begin -->';
const END = '<!-- bench: end -->';

/** @throws Error when the page lacks the marks */
export function intoPage(page: string, report: Report): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`the page needs the lines ${BEGIN} and ${END}`);
  return `${page.slice(0, begin)}${BEGIN}\n${markdown(report)}\n${page.slice(end)}`;
}

function markdown({ at, quick, machine, sections }: Report): string {
  const lines = [
    '',
    `${quick ? 'A quick run' : 'A full run'} of ${at.slice(0, 10)}: ${Object.values(machine).join(', ')}.`,
  ];
  for (const { title, rows, notes } of sections) {
    lines.push('', `### ${title}`, '');
    if (rows.length > 0) {
      lines.push('| what | figure | target | | measured |', '|---|---|---|---|---|');
      for (const row of rows) lines.push(`| ${cells(row).join(' | ')} |`);
    }
    for (const note of notes) lines.push('', note);
  }
  return [...lines, ''].join('\n');
}
