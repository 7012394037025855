/** Which lines of a file are changed: the same ones for the same seed, whatever else is changed beside it. */
import { createHash } from 'node:crypto';

/** Stryker's patterns of the lines chosen, `file:line:column-line:column`; `share` of them, from 0 to 1. */
export function chosenLines(file: string, text: string, share: number, seed: string): string[] {
  if (share >= 1) return [file];
  return text.split('\n').flatMap((line, i) => {
    const digest = createHash('sha256').update(`${seed}\n${file}\n${line}`).digest();
    const isChosen = line.trim() !== '' && digest.readUInt32LE() < share * 2 ** 32;
    return isChosen ? [`${file}:${i + 1}:0-${i + 1}:${line.length}`] : [];
  });
}
