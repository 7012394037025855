/** A model folder's small files, which come from anywhere: read only when they are files of a sensible size. */
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { z } from 'zod';
import { checkNoPointer } from '../files/fetched';
import { readBounded } from '../files/read';
import { badInput, decodeText, EngineError } from '../protocol';

const MIB = 2 ** 20;
const MAX_CONFIG_BYTES = 16 * MIB;
/** The largest in use, Gemma 3's tokenizer.json, has 33 MB; chat templates have some kilobytes. */
const MAX_BYTES: ReadonlyMap<string, number> = new Map([
  ['tokenizer.json', 64 * MIB],
  ['chat_template.jinja', MIB],
  ['chat_template.json', MIB],
]);

/** @throws EngineError `oversized-file` */
export function checkSize(path: string, bytes: number): void {
  const largest = maxBytesOf(path);
  if (bytes <= largest) return;
  const [size, most] = [Math.ceil(bytes / MIB), largest / MIB];
  throw badInput('oversized-file', `${path} has ${size} MiB; no model needs more than ${most} MiB for it`);
}

function maxBytesOf(path: string): number {
  return MAX_BYTES.get(basename(path)) ?? MAX_CONFIG_BYTES;
}

/** @throws EngineError naming the file that is missing, too large or not to be read */
export function readText(path: string): string {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat) {
      throw badInput('missing-file', `${path} is missing`, 'Download the model again, with all its files.');
    }
    if (stat.isFile()) checkSize(path, stat.size);
    const bytes = readBounded(path, maxBytesOf(path));
    const text = decodeText(bytes, path);
    // Python leaves a template's mark in the text, and so in every prompt.
    return path.endsWith('.jinja') && bytes[0] === 0xef && !text.startsWith('\ufeff')
      ? `\ufeff${text}`
      : text;
  } catch (error) {
    if (error instanceof EngineError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw badInput('unreadable-file', `${path} cannot be read: ${why}`, 'Check its permissions.');
  }
}

/** @throws EngineError naming the file, and the field that is wrong */
export function readJson<T>(path: string, schema: z.ZodType<T>): T {
  return parseJson(readText(path), path, schema);
}

/** Python's json writes numbers that JSON has none of. No field that is read here has a use for one: it is none. */
function parseAsPython(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
    const plain = text.replace(/"(?:[^"\\]|\\.)*"|NaN|-?Infinity/gs, (found) =>
      found.startsWith('"') ? found : 'null',
    );
    return JSON.parse(plain);
  }
}

/** @throws EngineError naming the file that `text` is from, and the field that is wrong */
export function parseJson<T>(text: string, path: string, schema: z.ZodType<T>): T {
  let json: unknown;
  try {
    json = parseAsPython(text);
  } catch {
    checkNoPointer(text, path);
    throw badInput('malformed-json', `${path} is not valid JSON`, 'Download the file again.');
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw badInput('malformed-json', `${path}: ${issue.path.join('.') || 'the file'}: ${issue.message}`);
}
