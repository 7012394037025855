/** Several files one after the other, vectors after the runs that they belong to. */
import type { Library } from '../state/library';

export async function importAll(library: Pick<Library, 'import'>, files: Iterable<File>): Promise<void> {
  const isVectors = ({ name }: File) => name.endsWith('.safetensors');
  const all = [...files];
  for (const file of [...all.filter((each) => !isVectors(each)), ...all.filter(isVectors)])
    await library.import(file);
}
