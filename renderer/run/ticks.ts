/** Round numbers for a chart's axis. */

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Steps of 1, 2 or 5 times a power of ten, about `count` of them. */
export function ticks({ low, high }: Range, count: number): number[] {
  const step = roundStep({ low, high }, count);
  if (step === null) return [];
  return multiples(step, Math.ceil(low / step), Math.floor(high / step));
}

/** As `ticks`, from at most `low` to at least `high`: an axis that begins and ends with a round number. */
export function enclosingTicks({ low, high }: Range, count: number): number[] {
  const step = roundStep({ low, high }, count);
  if (step !== null) return multiples(step, Math.floor(low / step), Math.ceil(high / step));
  const room = Math.abs(low) || 1;
  return low === high ? enclosingTicks({ low: low - room, high: high + room }, count) : [low, high];
}

function roundStep({ low, high }: Range, count: number): number | null {
  const rough = (high - low) / count;
  if (!(rough > 0) || !Number.isFinite(rough)) return null;
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5, 10].find((factor) => factor * power >= rough * (1 - 1e-9)) ?? 10) * power;
}

function multiples(step: number, first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

const MAX_LOG_TICKS = 5;

/** For a logarithmic axis between two positive numbers: powers of ten, or 1, 2 and 5 of each where those are few. */
export function logTicks({ low, high }: Range): number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const powers = Array.from({ length: last - first + 1 }, (_, at) => 10 ** (first + at));
  const within = (marks: readonly number[]) => marks.filter((mark) => mark >= low && mark <= high);
  const tens = within(powers);
  if (tens.length >= 3) {
    const stride = Math.ceil(tens.length / MAX_LOG_TICKS);
    return tens.filter((_, at) => at % stride === 0);
  }
  const steps = within(powers.flatMap((power) => [power, 2 * power, 5 * power]));
  if (steps.length >= 2) return steps;
  return [low, Math.sqrt(low * high), high].map((mark) => Number(mark.toPrecision(3)));
}

export function tickText(value: number): string {
  const size = Math.abs(value);
  const text = size >= 1e4 || (size > 0 && size < 1e-3) ? value.toExponential() : String(value);
  return text.replaceAll('-', '−');
}
