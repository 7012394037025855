/** A stored run's events.jsonl, line by line, so that neither its length nor what it is can cost more than a part of it. */
import type { Stats } from 'node:fs';
import { readAt, readBounded, withFile } from '../files/read';
import type { RunEvent } from '../protocol';
import { readStoredRun, type StoredLine } from './run-file';

/** What can be imported can be read. */
const LARGEST = 2 ** 28;
const MAX_LINE = 2 ** 26;
const CHUNK = 2 ** 20;
const NEWLINE = 0x0a;

/**
 * Calls `use` with each event that can be read; see `readStoredRun`.
 * @returns of the file as it was before its first line was read
 * @throws EngineError for what is no file, or holds no run; the system's own errors
 */
export function readEvents(path: string, use: (event: RunEvent) => void): Stats {
  return withFile(path, (file, stat) => {
    for (const event of readStoredRun(linesOf(file))) use(event);
    return stat;
  });
}

/** As it was written. */
export function readText(path: string): string {
  return readBounded(path, LARGEST).toString();
}

function* linesOf(file: number): Generator<StoredLine> {
  const chunk = Buffer.alloc(CHUNK);
  let parts: Buffer[] = [];
  let length = 0;
  let number = 1;
  const keep = (bytes: Buffer) => {
    length += bytes.length;
    if (length <= MAX_LINE) parts.push(Buffer.from(bytes));
    else parts = [];
  };
  // Nothing is read of a run without its first line.
  const isHopeless = () => number === 1 && length > MAX_LINE;
  const line = (isCut: boolean): StoredLine => {
    const text = length <= MAX_LINE ? decode(Buffer.concat(parts)) : undefined;
    parts = [];
    length = 0;
    return { number: number++, text, isCut };
  };
  let position = 0;
  while (position < LARGEST) {
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

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
