/** Draws a piece of the page, whatever it is made of, as one SVG that stands alone: boxes, text, charts, canvases. */
import { copySvg } from './copy-svg';
import { box, element, isPainted, PAINT_SKIP, svgDocument } from './svg-parts';
import { paintText } from './svg-text';

const MARGIN = 12;

/** @param root on screen, so that the browser has laid it out */
export function paintSvg(root: HTMLElement, title: string): SVGSVGElement {
  const painter = new Painter(root);
  return painter.paint(title);
}

class Painter {
  private right = 0;
  private bottom = 0;
  private clips = 0;
  private readonly origin: DOMRect;
  private readonly defs = element('defs', {});

  constructor(private readonly root: HTMLElement) {
    this.origin = root.getBoundingClientRect();
  }

  paint(title: string): SVGSVGElement {
    const content = element('g', {});
    this.paintElement(this.root, content);
    const width = Math.ceil(Math.max(this.right, this.origin.width)) + 2 * MARGIN;
    const height = Math.ceil(Math.max(this.bottom, this.origin.height)) + 2 * MARGIN;
    content.setAttribute('transform', `translate(${MARGIN} ${MARGIN})`);
    const page = element('rect', { width, height, fill: pageColour(this.root) });
    return svgDocument(width, height, title, [this.defs, page, content]);
  }

  private paintElement(source: Element, into: SVGElement): void {
    if (source.matches(PAINT_SKIP)) return;
    const style = getComputedStyle(source);
    if (!isPainted(source, style)) return;
    const at = this.place(source.getBoundingClientRect());
    if (source instanceof SVGSVGElement) {
      into.append(copySvg(source, at));
      return;
    }
    if (source instanceof HTMLCanvasElement) {
      into.append(element('image', { ...at, href: source.toDataURL('image/png') }));
      return;
    }
    into.append(...box(at, style));
    const group = this.clipped(style, at, into);
    for (const child of source.childNodes) {
      if (child instanceof Element) this.paintElement(child, group);
      else if (child instanceof Text) this.paintTextNode(child, style, group);
    }
  }

  private paintTextNode(node: Text, style: CSSStyleDeclaration, into: SVGElement): void {
    into.append(...paintText(node, style, (rect) => this.place(rect)));
  }

  /** Only what is meant to be cut off is; what merely has to be scrolled is drawn in full. */
  private clipped(
    style: CSSStyleDeclaration,
    at: { x: number; y: number; width: number; height: number },
    into: SVGElement,
  ): SVGElement {
    if (style.overflowX !== 'hidden' && style.overflowX !== 'clip') return into;
    this.clips += 1;
    const id = `clip-${this.clips}`;
    const clip = element('clipPath', { id });
    clip.append(element('rect', at));
    this.defs.append(clip);
    const group = element('g', { 'clip-path': `url(#${id})` });
    into.append(group);
    return group;
  }

  private place(rect: DOMRect): { x: number; y: number; width: number; height: number } {
    const x = rect.left - this.origin.left;
    const y = rect.top - this.origin.top;
    this.right = Math.max(this.right, x + rect.width);
    this.bottom = Math.max(this.bottom, y + rect.height);
    return { x, y, width: rect.width, height: rect.height };
  }
}

/** The first ground below the chart that is not transparent. */
function pageColour(root: Element): string {
  for (let at: Element | null = root; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    if (colour !== 'rgba(0, 0, 0, 0)' && colour !== 'transparent') return colour;
  }
  return 'white';
}
