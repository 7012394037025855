/** What other graders said, line by line. */
import { readFileSync } from 'node:fs';
import type { z } from 'zod';

export function lines<T>(name: string, schema: z.ZodType<T>): T[] {
  return textLines(name).map((line) => schema.parse(JSON.parse(line)));
}

export function textLines(name: string): string[] {
  return readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8')
    .trim()
    .split('\n');
}
