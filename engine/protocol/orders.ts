/** What the desktop shell asks of its page: for the menu, and for files that the system hands to the app. */
import { z } from 'zod';
import { Name, Path, Sentence } from './limits';

/** Base64 and escapes make a message larger than its text, and the browser shell takes messages of 64 MiB. */
export const MAX_IMPORT_BYTES = 40 * 2 ** 20;

/** More than anybody opens at once. */
export const MAX_ORDERS = 100;

export const Order = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('show'), dialog: z.enum(['notices', 'diagnostics']) }),
  /** A model's file, which the engine reads where it lies. */
  z.object({ kind: z.literal('add-model'), path: Path }),
  /** An exported run or evaluation. */
  z.object({
    kind: z.literal('import'),
    name: Name,
    bytes: z.instanceof(Uint8Array).refine((bytes) => bytes.length <= MAX_IMPORT_BYTES),
  }),
  /** A file that cannot be taken, and why. */
  z.object({ kind: z.literal('refuse'), message: Sentence }),
]);
export type Order = z.infer<typeof Order>;

export const Orders = z.array(Order).max(MAX_ORDERS);
