/** Draws a piece of the page, whatever it is made of, as one SVG that stands alone: boxes, text, charts, canvases. */
import { copySvg } from './copy-svg';
import { hatching } from './hatching';
import { isClear } from './svg-colour';
import { box, element, isPainted, PAINT_SKIP, type Place, svgDocument } from './svg-parts';
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
  private readonly hatches = new Map<string, string>();
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
    into.append(...box(at, style, this.hatch(style)));
    into.append(...this.pseudoBox(source, at, style, '::before'));
    const group = this.clipped(style, at, into);
    for (const child of source.childNodes) {
      if (child instanceof Element) this.paintElement(child, group);
      else if (child instanceof Text) this.paintTextNode(child, style, group);
    }
    into.append(...this.pseudoBox(source, at, style, '::after'));
  }

  /** The paint of a hatched background; null where there is none. */
  private hatch({ backgroundImage }: CSSStyleDeclaration): string | null {
    if (!backgroundImage.startsWith('repeating-linear-gradient')) return null;
    const known = this.hatches.get(backgroundImage);
    if (known !== undefined) return known;
    const id = `hatch-${this.hatches.size + 1}`;
    const pattern = hatching(backgroundImage, id);
    if (!pattern) return null;
    this.defs.append(pattern);
    this.hatches.set(backgroundImage, `url(#${id})`);
    return `url(#${id})`;
  }

  /** Rules and marks that style sheets place within an element. */
  private pseudoBox(source: Element, at: Place, outer: CSSStyleDeclaration, part: string): SVGElement[] {
    const style = getComputedStyle(source, part);
    if (style.content === 'none' || style.position !== 'absolute' || isClear(style.backgroundColor))
      return [];
    const px = (length: string) => Number.parseFloat(length) || 0;
    const place = {
      x: at.x + px(outer.borderLeftWidth) + px(style.left),
      y: at.y + px(outer.borderTopWidth) + px(style.top),
      width: px(style.width),
      height: px(style.height),
    };
    return box(place, style, null);
  }

  private paintTextNode(node: Text, style: CSSStyleDeclaration, into: SVGElement): void {
    into.append(...paintText(node, style, (rect) => this.place(rect)));
  }

  /** Only what is meant to be cut off is; what merely has to be scrolled is drawn in full. */
  private clipped(style: CSSStyleDeclaration, at: Place, into: SVGElement): SVGElement {
    if (style.overflowX !== 'hidden' && style.overflowX !== 'clip') return into;
    this.clips += 1;
    const id = `clip-${this.clips}`;
    const clip = element('clipPath', { id });
    clip.append(element('rect', { ...at }));
    this.defs.append(clip);
    const group = element('g', { 'clip-path': `url(#${id})` });
    into.append(group);
    return group;
  }

  private place(rect: DOMRect): Place {
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
