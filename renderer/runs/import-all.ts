/** Several files one after the other, vectors after the runs that they belong to. */
import type { Runs } from '../state/runs';

export async function importAll(runs: Pick<Runs, 'import'>, files: Iterable<File>): Promise<void> {
  const isVectors = ({ name }: File) => name.endsWith('.safetensors');
  const all = [...files];
  for (const file of [...all.filter((each) => !isVectors(each)), ...all.filter(isVectors)])
    await runs.import(file);
}
