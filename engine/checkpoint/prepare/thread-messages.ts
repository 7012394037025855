/** What is said to a thread that prepares weights, and what it answers. */
import { z } from 'zod';
import { Failure } from '../../protocol';
import type { Chunk } from './layout';

/** `convert` writes a chunk's rows, `check` reads what was written; both find its checksum. */
export interface ThreadRequest {
  readonly kind: 'convert' | 'check';
  readonly chunk: Chunk;
  /** The file of prepared weights. */
  readonly file: string;
}

export const ThreadAnswer = z.union([z.object({ checksum: z.number() }), z.object({ failure: Failure })]);
export type ThreadAnswer = z.infer<typeof ThreadAnswer>;
