/** Files that the system hands to the app: named on the command line, by a second start, or by macOS. */
import { readFile, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { z } from 'zod';
import { MAX_IMPORT_BYTES, MAX_ORDERS, type Order } from '../engine/protocol';
import { Path } from '../engine/protocol/limits';

const MODEL = /\.gguf$/i;
const EXPORT = /\.jsonl$/i;

/** What a second start hands to the first; it comes from another process. */
const Handed = z.object({ files: z.array(Path).max(MAX_ORDERS) });

/** The absolute paths of what can be opened among `args`, given in `folder`. Switches are not looked at. */
export function filesAmong(args: readonly string[], folder: string): string[] {
  const files = args.filter((arg) => !arg.startsWith('-') && (MODEL.test(arg) || EXPORT.test(arg)));
  return files.slice(0, MAX_ORDERS).map((file) => resolve(folder, file));
}

/** Of what another start said; none where it makes no sense. */
export function filesHanded(data: unknown): string[] {
  const { success, data: handed } = Handed.safeParse(data);
  return success ? filesAmong(handed.files, '/') : [];
}

/** What the page is to do with a file. Never rejects: what cannot be read is for the page to say. */
export async function orderFor(file: string): Promise<Order> {
  if (MODEL.test(file)) return { kind: 'add-model', path: file };
  const name = basename(file);
  try {
    const found = await stat(file);
    if (!found.isFile()) return { kind: 'refuse', message: `${name} is no file` };
    if (found.size > MAX_IMPORT_BYTES) {
      const words = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
      const limit = `one of at most ${words(MAX_IMPORT_BYTES)} can be imported`;
      return { kind: 'refuse', message: `${name} has ${words(found.size)}; ${limit}` };
    }
    return { kind: 'import', name, bytes: new Uint8Array(await readFile(file)) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    return { kind: 'refuse', message: `${name}: ${why}` };
  }
}
