/** Text of the page as SVG text: each line where the browser has set it. */
import { plainColour } from './svg-colour';
import { element, type Place } from './svg-parts';

interface Line {
  text: string;
  readonly rect: DOMRect;
  right: number;
}

export function paintText(
  node: Text,
  style: CSSStyleDeclaration,
  place: (rect: DOMRect) => Place,
): SVGTextElement[] {
  if (node.data.trim() === '') return [];
  const edge = ellipsisEdge(node.parentElement);
  return linesOf(node).flatMap((full) => {
    const line = edge === null || full.right <= edge + 0.5 ? full : shortened(node, full, edge);
    const text = transformed(line.text.replace(/\s+/g, ' '), style.textTransform);
    if (text.trim() === '') return [];
    const { x, y, width, height } = place(
      new DOMRect(line.rect.left, line.rect.top, line.right - line.rect.left, line.rect.height),
    );
    const shown = element('text', {
      x,
      // The box of a glyph run has its baseline about four fifths down, in every common font.
      y: y + height * 0.8,
      fill: plainColour(style.color),
      'font-family': style.fontFamily,
      'font-size': style.fontSize,
      'font-weight': style.fontWeight,
      'xml:space': 'preserve',
    });
    if (style.fontStyle !== 'normal') shown.setAttribute('font-style', style.fontStyle);
    // Another machine may lack the font; the text then still fills the same room.
    if (text.length > 1) {
      shown.setAttribute('textLength', width.toFixed(2));
      shown.setAttribute('lengthAdjust', 'spacingAndGlyphs');
    }
    shown.textContent = text;
    return [shown];
  });
}

/** The node's text, cut where the browser breaks it. */
function linesOf(node: Text): Line[] {
  const range = document.createRange();
  range.selectNodeContents(node);
  const rects = [...range.getClientRects()].filter(({ width }) => width > 0);
  if (rects.length === 0) return [];
  const [first] = rects;
  if (rects.length === 1 && first) return [{ text: node.data, rect: first, right: first.right }];

  const lines: Line[] = [];
  for (let index = 0; index < node.data.length; index++) {
    range.setStart(node, index);
    range.setEnd(node, index + 1);
    const rect = range.getClientRects()[0];
    if (!rect || rect.width === 0) continue;
    const line = lines.at(-1);
    if (line && Math.abs(line.rect.top - rect.top) < rect.height / 2) {
      line.text += node.data[index];
      line.right = Math.max(line.right, rect.right);
    } else {
      lines.push({ text: node.data[index] ?? '', rect, right: rect.right });
    }
  }
  return lines;
}

/** Where text ends in an ellipsis on the page; null where it does not. */
function ellipsisEdge(parent: Element | null): number | null {
  for (let at = parent; at && getComputedStyle(at).display !== 'block'; at = at.parentElement) {
    if (cutsOff(at)) return at.getBoundingClientRect().right;
  }
  const block = parent?.closest<HTMLElement>('th, td, p, div, li, span') ?? null;
  return block && cutsOff(block) ? block.getBoundingClientRect().right : null;
}

function cutsOff(at: Element): boolean {
  return getComputedStyle(at).textOverflow === 'ellipsis' && at.scrollWidth > at.clientWidth;
}

function shortened(node: Text, line: Line, edge: number): Line {
  const range = document.createRange();
  let end = 0;
  let right = line.rect.left;
  while (end < node.data.length) {
    range.setStart(node, end);
    range.setEnd(node, end + 1);
    const rect = range.getBoundingClientRect();
    // The ellipsis takes about as much room as a letter is high.
    if (rect.right > edge - rect.height * 0.6) break;
    right = rect.right;
    end += 1;
  }
  return { text: `${node.data.slice(0, end)}…`, rect: line.rect, right: right + line.rect.height * 0.55 };
}

function transformed(text: string, kind: string): string {
  return kind === 'uppercase' ? text.toUpperCase() : kind === 'lowercase' ? text.toLowerCase() : text;
}
