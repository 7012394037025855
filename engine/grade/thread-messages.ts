/** What crosses to the grading thread and back. */
import { z } from 'zod';
import { Grade } from '../protocol/grading';
import type { Place } from './math/judge';

export type ThreadRequest =
  | { readonly kind: 'math'; readonly gold: string; readonly answer: string; readonly place: Place }
  | { readonly kind: 'regex'; readonly gold: string; readonly answer: string; readonly pattern: string };

/** `error`: the library's own, by which nothing is decided. */
const ThreadAnswer = z.union([Grade, z.strictObject({ error: z.string() })]);
export type ThreadAnswer = z.infer<typeof ThreadAnswer>;

export function readAnswer(answer: unknown): ThreadAnswer {
  return ThreadAnswer.parse(answer);
}
