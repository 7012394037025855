/** Texts that end an answer, as they are typed: a line each; what a line cannot hold, such as a blank line, as \\n. */

export function readStops(lines: string): { stops?: string[] } {
  const stops = lines.split('\n').filter((line) => line !== '');
  return stops.length === 0 ? {} : { stops: stops.map((line) => line.replaceAll('\\n', '\n')) };
}

export function writeStops(stops: readonly string[] = []): string {
  return stops.map((stop) => stop.replaceAll('\n', '\\n')).join('\n');
}
