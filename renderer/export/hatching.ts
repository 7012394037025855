/** Hatched backgrounds of the page as SVG patterns: style sheets draw them as gradients. */
import { isClear, plainColour } from './svg-colour';
import { element } from './svg-parts';

interface Stripe {
  readonly colour: string;
  readonly from: number;
  readonly to: number;
}

/**
 * A pattern that looks like a `repeating-linear-gradient` of hard stripes; null for any other background.
 * @param image as computed: lengths in px, an angle in deg
 */
export function hatching(image: string, id: string): SVGPatternElement | null {
  const [, angle, list] = /^repeating-linear-gradient\((-?[\d.]+)deg, (.*)\)$/.exec(image) ?? [];
  if (angle === undefined || list === undefined) return null;
  const stripes = stripesOf(list);
  const period = stripes.at(-1)?.to ?? 0;
  if (period <= 0) return null;
  const pattern = element('pattern', {
    id,
    width: period,
    height: period,
    patternUnits: 'userSpaceOnUse',
    // CSS counts its angle from the upward direction, the stripes here lie along x.
    patternTransform: `rotate(${Number(angle) - 90})`,
  });
  for (const { colour, from, to } of stripes) {
    if (!isClear(colour) && to > from) {
      pattern.append(element('rect', { x: from, y: 0, width: to - from, height: period, fill: colour }));
    }
  }
  return pattern;
}

/** From stops such as `red 0px, red 4px, blue 4px, blue 6px` or `red 0px 4px`. */
function stripesOf(list: string): Stripe[] {
  const stops = list.split(/, (?![^(]*\))/).flatMap((stop) => {
    const at = [...stop.matchAll(/(-?[\d.]+)px/g)].map(([, length]) => Number(length));
    const colour = plainColour(stop.replace(/( -?[\d.]+px)+$/, ''));
    return at.map((position) => ({ colour, position }));
  });
  return stops.slice(1).flatMap(({ colour, position }, index) => {
    const before = stops[index];
    return before && before.colour === colour ? [{ colour, from: before.position, to: position }] : [];
  });
}
