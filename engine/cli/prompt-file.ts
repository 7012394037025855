/** Prompts and other text from files, or from the standard input as `-`: in the encoding that they announce, kept to the last newline. */
import { createReadStream } from 'node:fs';
import { z } from 'zod';
import { badInput, ChatMessage, decodeText } from '../protocol';

const MIB = 2 ** 20;
/** No model's context holds a tenth of it. */
const MAX_BYTES = 64 * MIB;

/** @throws EngineError `no-file`, `oversized-file`, `not-text` */
export function readPromptFile(file: string): Promise<string> {
  return readTextFile(file, 'Shorten the prompt.');
}

/**
 * Any text: a file's, or the standard input's as `-`.
 * @param shorten what to do about one that is too long
 * @throws EngineError `no-file`, `oversized-file`, `not-text`
 */
export async function readTextFile(file: string, shorten: string): Promise<string> {
  const name = nameOf(file);
  const bytes = await readBytes(file);
  if (bytes.length > MAX_BYTES) {
    throw badInput('oversized-file', `${name} has more than ${MAX_BYTES / MIB} MiB`, shorten);
  }
  const text = decodeText(bytes, name);
  if (text.includes('\0')) {
    const message = `${name} holds NUL characters, as UTF-16 without a byte-order mark does`;
    throw badInput('not-text', message, 'Save it as UTF-8.');
  }
  return text;
}

/** @throws EngineError as `readPromptFile`; `messages` where the file holds no conversation */
export async function readMessages(file: string): Promise<ChatMessage[]> {
  const text = await readPromptFile(file);
  const name = nameOf(file);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw badInput(
      'messages',
      `${name} is not valid JSON`,
      'It should hold [{"role": "user", "content": "…"}].',
    );
  }
  const parsed = z.array(ChatMessage).min(1).safeParse(json);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw badInput('messages', `${name}: ${path.join('.') || 'the list'}: ${message}`);
}

/** The text without the newline that an editor ends a file with; the same text where there is none. */
export function withoutFinalNewline(text: string): string {
  return text.replace(/\r?\n$/, '');
}

function nameOf(file: string): string {
  return file === '-' ? 'the standard input' : file;
}

/** No more than shows that it is too much: a pipe or a device may have no end. */
async function readBytes(file: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of file === '-' ? process.stdin : createReadStream(file)) {
      parts.push(part);
      length += part.length;
      if (length > MAX_BYTES) break;
    }
    return Buffer.concat(parts);
  } catch {
    throw badInput('no-file', `${nameOf(file)} cannot be read`, 'Check the path.');
  }
}
