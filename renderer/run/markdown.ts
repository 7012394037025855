/** An answer's text on its way to markdown: cut into blocks that stand alone, maths in one notation, nothing hidden. */
import { readableText } from '../../engine/protocol';

/**
 * Blocks between blank lines, fences and display maths kept whole: while an answer grows only its last block is
 * parsed again. Indented lines stay with the list above them.
 */
export function markdownBlocks(text: string): string[] {
  const blocks: string[] = [];
  let block: string[] = [];
  let fence: string | null = null;
  let wasBlank = false;
  for (const line of text.split('\n')) {
    const startsAnew = wasBlank && /^\S/.test(line);
    if (startsAnew && block.length > 0) {
      blocks.push(block.join('\n'));
      block = [];
    }
    block.push(line);
    fence = fenceAfter(line, fence);
    wasBlank = line.trim() === '' && fence === null;
  }
  return block.some((line) => line.trim() !== '') ? [...blocks, block.join('\n')] : blocks;
}

/** The mark that ends what is open after this line; null where nothing is. */
function fenceAfter(line: string, open: string | null): string | null {
  const mark = /^\s{0,3}(`{3,}|~{3,}|\$\$|\\\[)/.exec(line)?.[1];
  if (open === '$$') return line.trimEnd().endsWith('$$') ? null : open;
  if (open === '\\[') return line.includes('\\]') ? null : open;
  if (open !== null) return mark?.startsWith(open) && line.trim() === mark ? null : open;
  if (mark === undefined) return null;
  if (mark === '$$') return /\$\$.*\$\$\s*$/.test(line) ? null : mark;
  if (mark === '\\[') return line.includes('\\]') ? null : mark;
  return mark;
}

const CODE = /(`{3,}[\s\S]*?(?:`{3,}|$)|~{3,}[\s\S]*?(?:~{3,}|$)|`[^`\n]*`)/;

/**
 * Models write maths as \(…\), \[…\], $…$ and $$…$$; all become $$…$$. A lone $ is money more often than maths:
 * it counts where it hugs what it holds and that holds a sign of maths or a single letter.
 */
export function prepareMarkdown(text: string): string {
  return readableText(text)
    .split(CODE)
    .map((part, index) => (index % 2 === 1 ? part : withMaths(part)))
    .join('');
}

const MARK = '$$';

function withMaths(text: string): string {
  return text
    .replace(/\\\[([\s\S]+?)\\\]/g, (_, maths: string) => `\n${MARK}\n${maths.trim()}\n${MARK}\n`)
    .replace(/\\\(([\s\S]+?)\\\)/g, (_, maths: string) => `${MARK}${maths.trim()}${MARK}`)
    .replace(/(?<![\\$])\$(?![\s$])([^$\n]*?[^\s$\\])\$(?![\d$])/g, (whole, maths: string) =>
      /[\\^_={}<>+*/]|^[A-Za-z]$/.test(maths) ? `${MARK}${maths}${MARK}` : whole,
    );
}
