/** Puts a report's tables into a Markdown page, between its two marks; tables of things not measured stay. */
import { cells, type Report, type Section } from './report';

const BEGIN = '<!-- bench: begin -->';
const END = '<!-- bench: end -->';
const HEADING = '### ';

/** @throws Error when the page lacks the marks */
export function intoPage(page: string, report: Report): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`the page needs the lines ${BEGIN} and ${END}`);
  const tables = tablesOf(page.slice(begin + BEGIN.length, end));
  for (const section of report.sections) tables.set(section.title, markdown(section, report));
  return `${page.slice(0, begin)}${BEGIN}\n\n${[...tables.values()].join('\n')}\n${page.slice(end)}`;
}

/** By title, each with its heading. */
function tablesOf(text: string): Map<string, string> {
  const parts = text.split(`\n${HEADING}`).slice(1);
  return new Map(parts.map((part) => [part.split('\n', 1)[0]!, `${HEADING}${part.trimEnd()}\n`]));
}

function markdown({ title, rows, notes }: Section, { at, quick, machine }: Report): string {
  const run = `${quick ? 'A quick run' : 'A full run'} of ${at.slice(0, 10)}: ${Object.values(machine).join(', ')}.`;
  const lines = [`${HEADING}${title}`, '', run];
  if (rows.length > 0) {
    lines.push('', '| what | figure | target | | measured |', '|---|---|---|---|---|');
    for (const row of rows) lines.push(`| ${cells(row).join(' | ')} |`);
  }
  for (const note of notes) lines.push('', note);
  return `${lines.join('\n')}\n`;
}
