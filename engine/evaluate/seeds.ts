/** A seed for each answer, so that problems and samples draw apart and a lane draws what the baseline draws. */
import { createHash } from 'node:crypto';

/** @returns 32 bits, unsigned: the beginning of SHA-256 over `seed/sample/problem` */
export function seedOf(seed: number, sample: number, problem: string): number {
  return createHash('sha256').update(`${seed}/${sample}/${problem}`).digest().readUInt32BE(0);
}
