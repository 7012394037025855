/** What is written beside prepared weights: what cannot be found out from the checkpoint. */
import { statSync } from 'node:fs';
import { z } from 'zod';
import { Scheme } from './scheme';

export const Key = z.string().regex(/^[0-9a-f]{32}$/);
/** In bytes; a checksum takes eleven. */
export const MAX_INDEX = 16 * 2 ** 20;

const Size = z.int().min(0);
const Nanoseconds = z.string().regex(/^\d{1,30}$/);

/** What the file system says of a file: it differs once anything has written to it, whatever time it was given then. */
const Seal = z.strictObject({
  size: Size,
  inode: z.string().regex(/^\d{1,30}$/),
  modified: Nanoseconds,
  changed: Nanoseconds,
});
type Seal = z.infer<typeof Seal>;

export const SourceFile = z.strictObject({ path: z.string().max(32_768), size: Size, modified: Nanoseconds });
export type SourceFile = z.infer<typeof SourceFile>;

export const Index = z.strictObject({
  key: Key,
  /** Of the model, for the list. */
  name: z.string().max(1_000),
  scheme: Scheme,
  sources: z.array(SourceFile).min(1).max(10_000),
  created: z.iso.datetime().max(40),
  /** Of each chunk, in the order of the file. */
  checksums: z.array(z.int().min(0).max(0xffffffff)).max(2 ** 20),
  seal: Seal,
});
export type Index = z.infer<typeof Index>;

/** Of the model over these weights from the model over those that are stored, on a short text. */
export const Loss = z.strictObject({
  /** The mean over its positions of KL(stored ‖ prepared), nats. */
  kl: z.number().min(0),
  /** The share of positions where both have the same most probable token. */
  same: z.number().min(0).max(1),
  tokens: z.int().min(1),
});
export type Loss = z.infer<typeof Loss>;

export function sealOf(path: string): Seal {
  const { size, ino, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
  return { size: Number(size), inode: String(ino), modified: String(mtimeNs), changed: String(ctimeNs) };
}

export function isSealed(path: string, seal: Seal): boolean {
  return JSON.stringify(sealOf(path)) === JSON.stringify(seal);
}
