/** The small parts that painted SVG is made of. */
import { isClear, plainColour } from './svg-colour';

const NAMESPACE = 'http://www.w3.org/2000/svg';

/** What belongs to the window and not to the chart. */
export const PAINT_SKIP =
  '.button, .watch-button, .disclosure, select, input, textarea, .visually-hidden, [data-export="skip"]';

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function element<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string | number>>,
): SVGElementTagNameMap[K] {
  const made = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) {
    made.setAttribute(key, typeof value === 'number' ? String(round(value)) : value);
  }
  return made;
}

export function svgDocument(
  width: number,
  height: number,
  title: string,
  parts: readonly SVGElement[],
): SVGSVGElement {
  const root = element('svg', { width, height, viewBox: `0 0 ${width} ${height}` });
  root.setAttribute('xmlns', NAMESPACE);
  const name = element('title', {});
  name.textContent = title;
  root.append(name, ...parts);
  return root;
}

export function isPainted(source: Element, style: CSSStyleDeclaration): boolean {
  if (style.display === 'none' || style.visibility !== 'visible') return false;
  if (style.display === 'contents') return true;
  // Text for screen readers is kept in a box of one pixel.
  const { width, height } = source.getBoundingClientRect();
  return !(width <= 1 && height <= 1 && style.overflow !== 'visible');
}

/** Ground and borders, where they can be seen. @param ground a paint to use besides the background's colour */
export function box(at: Place, style: CSSStyleDeclaration, ground: string | null): SVGElement[] {
  const parts: SVGElement[] = [];
  const rx = Number.parseFloat(style.borderTopLeftRadius) || 0;
  for (const fill of [style.backgroundColor, ground]) {
    if (fill !== null && !isClear(fill) && at.width > 0 && at.height > 0) {
      parts.push(element('rect', { ...at, rx, fill: plainColour(fill) }));
    }
  }
  const { x, y, width, height } = at;
  const edges = [
    [style.borderTopWidth, style.borderTopStyle, style.borderTopColor, x, y, x + width, y],
    [
      style.borderBottomWidth,
      style.borderBottomStyle,
      style.borderBottomColor,
      x,
      y + height,
      x + width,
      y + height,
    ],
    [style.borderLeftWidth, style.borderLeftStyle, style.borderLeftColor, x, y, x, y + height],
    [
      style.borderRightWidth,
      style.borderRightStyle,
      style.borderRightColor,
      x + width,
      y,
      x + width,
      y + height,
    ],
  ] as const;
  for (const [thickness, kind, stroke, x1, y1, x2, y2] of edges) {
    const weight = Number.parseFloat(thickness);
    if (weight > 0 && kind !== 'none' && kind !== 'hidden' && !isClear(stroke)) {
      parts.push(element('line', { x1, y1, x2, y2, stroke: plainColour(stroke), 'stroke-width': weight }));
    }
  }
  return parts;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
