/** Marks for a logarithmic axis. */

const MOST_TICKS = 5;

/** Round numbers between two positive ones: powers of ten, or 1, 2 and 5 of each where those are few. */
export function logTicks(low: number, high: number): number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const powers = Array.from({ length: last - first + 1 }, (_, at) => 10 ** (first + at));
  const within = (ticks: readonly number[]) => ticks.filter((tick) => tick >= low && tick <= high);
  const tens = within(powers);
  if (tens.length >= 3) {
    const stride = Math.ceil(tens.length / MOST_TICKS);
    return tens.filter((_, at) => at % stride === 0);
  }
  const steps = within(powers.flatMap((power) => [power, 2 * power, 5 * power]));
  return steps.length >= 2 ? steps : [low, Math.sqrt(low * high), high];
}
