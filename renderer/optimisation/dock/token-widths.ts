/** How wide tokens are drawn, measured once per text, so that lines can be broken before anything is drawn. */

const PADDING = 5;
const LEAST = 15;

const measured = new Map<string, number>();

/** Pixels, gaps included. */
export function tokenWidths(texts: readonly string[]): number[] {
  const context = document.createElement('canvas').getContext('2d');
  const style = getComputedStyle(document.documentElement);
  if (context) context.font = `11px ${style.getPropertyValue('--font-mono') || 'monospace'}`;
  // A long session meets many texts; what is measured again costs little.
  if (measured.size > 50_000) measured.clear();
  return texts.map((text) => {
    const known = measured.get(text);
    if (known !== undefined) return known;
    const own = context?.measureText(text).width ?? text.length * 7;
    const width = Math.max(LEAST, Math.ceil(own) + PADDING);
    measured.set(text, width);
    return width;
  });
}
