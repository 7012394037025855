/** Hashes of problems: the halves of a data set, and an order that a seed decides. */
import { createHash } from 'node:crypto';
import type { DatasetHalf } from '../protocol';

/**
 * The half that a problem belongs to: `choose` where the first bit of sha256(salt + newline + id) is 0. It depends
 * on nothing but the two texts, so a problem keeps its half when others come or go; the halves are about equal.
 */
export function half(id: string, salt: string): DatasetHalf {
  return digest(salt, id)[0]! < 0x80 ? 'choose' : 'report';
}

/** Sorting by it shuffles; the first n problems of an order are among the first n + 1. */
export function shuffleKey(id: string, seed: number): bigint {
  return digest(`shuffle ${seed}`, id).readBigUInt64BE();
}

function digest(salt: string, id: string): Buffer {
  return createHash('sha256').update(`${salt}\n${id}`).digest();
}
