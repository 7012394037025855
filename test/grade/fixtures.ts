/** What other graders said, line by line. */
import { readFileSync } from 'node:fs';
import type { z } from 'zod';

export function lines<T>(name: string, schema: z.ZodType<T>): T[] {
  const text = readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => schema.parse(JSON.parse(line)));
}
