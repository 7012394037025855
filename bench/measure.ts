/** Medians with their spread, ratios paired round by round, and memory as the operating system counts it. */
import { readFileSync } from 'node:fs';

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spread(samples: readonly number[]): Spread {
  if (samples.length === 0) throw new Error('nothing was measured');
  const sorted = [...samples].sort((a, b) => a - b);
  const [lower, upper] = [sorted[(sorted.length - 1) >> 1]!, sorted[sorted.length >> 1]!];
  return { median: (lower + upper) / 2, min: sorted[0]!, max: sorted.at(-1)! };
}

/** Pairs of the same round: a machine that slows down for a while does not tilt their ratio. */
export function ratio(a: readonly number[], b: readonly number[]): Spread {
  return spread(a.map((value, i) => value / b[i]!));
}

export async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** Samples of each piece of work, taken in turns (A, B, A, B, …) after one round that does not count. */
export async function alternate<Name extends string, Sample>(
  rounds: number,
  work: Readonly<Record<Name, () => Promise<Sample>>>,
): Promise<Record<Name, Sample[]>> {
  const names = Object.keys(work) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, [] as Sample[]])) as Record<Name, Sample[]>;
  for (let round = -1; round < rounds; round++) {
    for (const name of names) {
      const sample = await work[name]();
      if (round >= 0) samples[name].push(sample);
    }
  }
  return samples;
}

/** A process's private (anonymous) resident memory in MiB; undefined where /proc is not there. */
export function privateMemory(pid: number | 'self' = 'self'): number | undefined {
  try {
    const kib = /RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kib === undefined ? undefined : Number(kib) / 1024;
  } catch {
    return undefined;
  }
}
