/** A file's lines one by one, so that neither its length nor what it is can cost more than a part of it. */
import { readAt } from './read';

const CHUNK = 2 ** 20;
const NEWLINE = 0x0a;

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Undefined for what is too long, or no UTF-8. */
  readonly text: string | undefined;
  /** Whether the file ends within it. */
  readonly isCut: boolean;
}

export interface LineLimits {
  /** In bytes; what lies beyond is one more line without text. */
  readonly file: number;
  readonly line: number;
}

/** @param file opened for reading; stays so */
export function* linesOf(file: number, limits: LineLimits): Generator<Line> {
  const chunk = Buffer.alloc(CHUNK);
  let parts: Buffer[] = [];
  let length = 0;
  let number = 1;
  const keep = (bytes: Buffer) => {
    length += bytes.length;
    if (length <= limits.line) parts.push(Buffer.from(bytes));
    else parts = [];
  };
  // Nothing is read of a file without its first line.
  const isHopeless = () => number === 1 && length > limits.line;
  const line = (isCut: boolean): Line => {
    const text = length <= limits.line ? decode(Buffer.concat(parts)) : undefined;
    parts = [];
    length = 0;
    return { number: number++, text, isCut };
  };
  let position = 0;
  while (position < limits.file) {
    const read = chunk.subarray(0, readAt(file, chunk, position));
    if (read.length === 0) break;
    position += read.length;
    let start = 0;
    for (let end = read.indexOf(NEWLINE); end !== -1; end = read.indexOf(NEWLINE, start)) {
      keep(read.subarray(start, end));
      yield line(false);
      start = end + 1;
    }
    keep(read.subarray(start));
    if (isHopeless()) break;
  }
  if (readAt(file, chunk, position) > 0) yield { number, text: undefined, isCut: false };
  else if (length > 0) yield line(true);
}

/** Where the last whole line ends. @param size of the open file, in bytes */
export function endOfLines(file: number, size: number): number {
  const chunk = Buffer.alloc(Math.min(CHUNK, size));
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - CHUNK);
    const read = readAt(file, chunk.subarray(0, end - start), start);
    const last = chunk.subarray(0, read).lastIndexOf(NEWLINE);
    if (last !== -1) return start + last + 1;
    end = start;
  }
  return 0;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
