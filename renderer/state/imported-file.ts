/** Files that the user picks or drops, to be sent to the engine in one message. */
import { decodeText, MAX_IMPORT_BYTES } from '../../engine/protocol';

export type ImportedFile = Pick<File, 'name' | 'size' | 'arrayBuffer'>;

/** Rejects, before anything is read, for a file that is too large. */
export async function readBytes(file: ImportedFile): Promise<Uint8Array> {
  const { size } = file;
  if (size <= MAX_IMPORT_BYTES) return new Uint8Array(await file.arrayBuffer());
  const words = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
  throw new Error(`the file has ${words(size)}; one of at most ${words(MAX_IMPORT_BYTES)} can be imported`);
}

/** PowerShell's `>` makes JSON Lines UTF-16. Rejects for what is no text, too. */
export async function readText(file: ImportedFile): Promise<string> {
  return decodeText(await readBytes(file), file.name);
}
