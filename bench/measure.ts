/** Medians with their spread, and memory as the operating system counts it. */
import { readFileSync } from 'node:fs';

export interface Timing {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Runs `work` once to warm up, then `repetitions` times. Milliseconds. */
export async function time(work: () => Promise<unknown>, repetitions: number): Promise<Timing> {
  await work();
  const samples: number[] = [];
  for (let i = 0; i < repetitions; i++) {
    const started = performance.now();
    await work();
    samples.push(performance.now() - started);
  }
  samples.sort((a, b) => a - b);
  return { median: samples[samples.length >> 1]!, min: samples[0]!, max: samples.at(-1)! };
}

/** Private (anonymous) resident memory in MiB; undefined where /proc is not there. */
export function privateMemory(): number | undefined {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    const kib = /RssAnon:\s+(\d+) kB/.exec(status)?.[1];
    return kib === undefined ? undefined : Number(kib) / 1024;
  } catch {
    return undefined;
  }
}
