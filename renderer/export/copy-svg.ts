/** A copy of an SVG of the page that no longer needs the page's style sheets. */
import { plainColour } from './svg-colour';
import type { Place } from './svg-parts';

const PROPERTIES = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-opacity',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'paint-order',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
  'dominant-baseline',
] as const;

/** Attributes that mean something to the page alone. */
const PAGE_ONLY = /^(class|style|id|tabindex|role|data-.*|aria-.*|on.*)$/;

export function copySvg(source: SVGSVGElement, at: Place): SVGSVGElement {
  const copy = source.cloneNode(true) as SVGSVGElement;
  inline(source, copy);
  for (const [name, value] of Object.entries(at)) copy.setAttribute(name, value.toFixed(2));
  copy.setAttribute('overflow', 'hidden');
  return copy;
}

function inline(source: Element, copy: Element): void {
  const style = getComputedStyle(source);
  if (style.display === 'none' || style.visibility !== 'visible') {
    copy.remove();
    return;
  }
  // Read before the children go: removing one shifts the others.
  const pairs = [...source.children].map((child, index) => [child, copy.children[index]] as const);
  for (const property of PROPERTIES) {
    copy.setAttribute(property, plainColour(style.getPropertyValue(property)));
  }
  for (const { name } of [...copy.attributes]) {
    // Clip paths are referred to by their ids.
    if (PAGE_ONLY.test(name) && !(name === 'id' && source.closest('defs'))) copy.removeAttribute(name);
  }
  for (const [child, twin] of pairs) if (twin) inline(child, twin);
}
