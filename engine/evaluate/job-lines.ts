/** The lines of a job's files; one that is damaged hides no other. */
import { closeSync, statSync } from 'node:fs';
import type { z } from 'zod';
import { linesOf } from '../files/lines';
import { openFile } from '../files/read';

const LIMITS = { file: 2 ** 33, line: 2 ** 25 };

/**
 * Nothing where there is no file.
 * @param start what a line must begin with
 * @yields what each whole line holds, where it can be read
 * @throws EngineError `unreadable-file` for what is no file
 */
export function* jsonLines<T>(path: string, schema: z.ZodType<T>, start = ''): Generator<T> {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return;
  // The generator holds the file open while its lines are asked for.
  const file = openFile(path);
  try {
    for (const { text, isCut } of linesOf(file, LIMITS)) {
      if (isCut || !text?.startsWith(start)) continue;
      const value = parseLine(text, schema);
      if (value !== undefined) yield value;
    }
  } finally {
    closeSync(file);
  }
}

function parseLine<T>(text: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
