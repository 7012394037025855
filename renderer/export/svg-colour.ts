/** Colours of the page as every program that reads SVG knows them. */

/** `color(srgb …)`, which mixed colours compute to, as rgb(); others as they are. */
export function plainColour(colour: string): string {
  const [, red, green, blue, alpha] =
    /^color\(srgb ([\d.e-]+) ([\d.e-]+) ([\d.e-]+)(?: \/ ([\d.e-]+))?\)$/.exec(colour) ?? [];
  if (red === undefined) return colour;
  const parts = [red, green, blue].map((part) => Math.round(Math.min(1, Math.max(0, Number(part))) * 255));
  return alpha === undefined ? `rgb(${parts.join(', ')})` : `rgba(${parts.join(', ')}, ${alpha})`;
}

export function isClear(colour: string): boolean {
  return colour === 'transparent' || /^rgba\(.*,\s*0\)$|\/\s*0%?\)$/.test(colour);
}
