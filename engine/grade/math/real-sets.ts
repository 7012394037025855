/** Sets of real numbers made of intervals and numbers: compared by what lies at and between their ends. */
import { numberOf } from './algebra';
import type { Value } from './value';

/** Of numbers, intervals, and what ∪, ∩ and ∖ make of them. */
export function isRealSet(value: Value): boolean {
  switch (value.kind) {
    case 'interval':
      return true;
    case 'set':
      return value.items.every(({ kind }) => kind === 'scalar');
    case 'union':
    case 'intersection':
    case 'difference':
      return value.parts.every(isRealSet);
    default:
      return false;
  }
}

/** @returns undefined where an end is no number */
export function sameRealSets(a: Value, b: Value): boolean | undefined {
  const ends = [...endsOf(a), ...endsOf(b)];
  if (ends.some((end) => end === undefined)) return undefined;
  const sorted = merged(ends.filter((end) => end !== undefined && Number.isFinite(end)) as number[]);
  const probes = [
    (sorted[0] ?? 0) - 1,
    ...sorted.flatMap((end, place) => [end, between(end, sorted[place + 1])]),
  ];
  return probes.every((probe) => holds(a, probe) === holds(b, probe));
}

function between(end: number, next: number | undefined): number {
  return next === undefined ? end + 1 : (end + next) / 2;
}

/** Ends that differ by no more than what arithmetic leaves are one. */
function merged(ends: readonly number[]): number[] {
  const sorted = ends.toSorted((left, right) => left - right);
  return sorted.filter((end, place) => place === 0 || !isNear(end, sorted[place - 1]!));
}

function isNear(a: number, b: number): boolean {
  if (!Number.isFinite(a) || !Number.isFinite(b)) return a === b;
  return Math.abs(a - b) <= 1e-12 * Math.max(1, Math.abs(a), Math.abs(b));
}

function endsOf(value: Value): (number | undefined)[] {
  switch (value.kind) {
    case 'scalar':
      return [numberOf(value)];
    case 'interval':
      return [...endsOf(value.from), ...endsOf(value.to)];
    case 'set':
      return value.items.flatMap(endsOf);
    case 'union':
    case 'intersection':
    case 'difference':
      return value.parts.flatMap(endsOf);
    default:
      return [undefined];
  }
}

function holds(value: Value, x: number): boolean {
  switch (value.kind) {
    case 'scalar':
      return isNear(numberOf(value)!, x);
    case 'set':
      return value.items.some((item) => holds(item, x));
    case 'interval': {
      const [from, to] = [numberIn(value.from), numberIn(value.to)];
      if (isNear(from, x)) return !value.fromOpen;
      if (isNear(to, x)) return !value.toOpen;
      return from < x && x < to;
    }
    case 'union':
      return value.parts.some((part) => holds(part, x));
    case 'intersection':
      return value.parts.every((part) => holds(part, x));
    case 'difference':
      return holds(value.parts[0]!, x) && !value.parts.slice(1).some((part) => holds(part, x));
    default:
      return false;
  }
}

function numberIn(value: Value): number {
  return (value.kind === 'scalar' ? numberOf(value) : undefined) ?? Number.NaN;
}
