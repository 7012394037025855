/** Two lanes' shifts token by token: which belong together, how alike they are, which stand out. */
import type { Range } from '../run/ticks';

/** Places in A and in B of the same token; null is every place, in order. */
export interface Pairing {
  readonly a: Uint32Array | null;
  readonly b: Uint32Array | null;
  readonly by: 'id' | 'text';
  /** Tokens of one side without a partner, or whose text is not theirs alone. */
  readonly leftOutA: number;
  readonly leftOutB: number;
}

export interface Scatter {
  readonly tokens: readonly string[];
  readonly x: Float32Array;
  readonly y: Float32Array;
}

export function pairTokens(a: readonly string[], b: readonly string[]): Pairing {
  if (a.length === b.length && a.every((token, id) => token === b[id])) {
    return { a: null, b: null, by: 'id', leftOutA: 0, leftOutB: 0 };
  }
  const inA = soleplaces(a);
  const inB = soleplaces(b);
  const pairs: [number, number][] = [];
  for (const [token, place] of inA) {
    const other = inB.get(token);
    if (place >= 0 && other !== undefined && other >= 0) pairs.push([place, other]);
  }
  return {
    a: Uint32Array.from(pairs, ([place]) => place),
    b: Uint32Array.from(pairs, ([, place]) => place),
    by: 'text',
    leftOutA: a.length - pairs.length,
    leftOutB: b.length - pairs.length,
  };
}

/** Several tokens can read alike (parts of letters, for one); those are at −1. */
function soleplaces(tokens: readonly string[]): Map<string, number> {
  const places = new Map<string, number>();
  for (const [place, token] of tokens.entries()) places.set(token, places.has(token) ? -1 : place);
  return places;
}

export function scatterOf(
  pairing: Pairing,
  tokensA: readonly string[],
  a: Float32Array,
  b: Float32Array,
): Scatter {
  if (!pairing.a || !pairing.b) return { tokens: tokensA, x: a, y: b };
  return {
    tokens: Array.from(pairing.a, (place) => tokensA[place] ?? ''),
    x: Float32Array.from(pairing.a, (place) => a[place] ?? Number.NaN),
    y: Float32Array.from(pairing.b, (place) => b[place] ?? Number.NaN),
  };
}

/** Pearson's r; null where one side does not vary or fewer than two points are finite. */
export function correlation({ x, y }: Scatter): number | null {
  let n = 0;
  let meanX = 0;
  let meanY = 0;
  let xx = 0;
  let yy = 0;
  let xy = 0;
  // Welford's update: one pass without cancellation.
  for (let i = 0; i < x.length; i++) {
    const dx = x[i]! - meanX;
    const dy = y[i]! - meanY;
    if (!Number.isFinite(dx) || !Number.isFinite(dy)) continue;
    n += 1;
    meanX += dx / n;
    meanY += dy / n;
    xx += dx * (x[i]! - meanX);
    yy += dy * (y[i]! - meanY);
    xy += dx * (y[i]! - meanY);
  }
  return n < 2 || xx === 0 || yy === 0 ? null : xy / Math.sqrt(xx * yy);
}

/** Zero is always in it, and the points keep off the edge. */
export function rangeOf(values: Float32Array): Range {
  let low = 0;
  let high = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const room = (high - low || 1) * 0.06;
  return { low: low - room, high: high + room };
}

/** The points farthest out in each of eight directions, the farthest first, at most `each` of a direction. */
export function extremes({ x, y }: Scatter, each: number): number[] {
  const scaleX = largest(x) || 1;
  const scaleY = largest(y) || 1;
  const chosen = new Map<number, number>();
  for (let direction = 0; direction < 8; direction++) {
    const angle = (direction * Math.PI) / 4;
    const [cos, sin] = [Math.cos(angle) / scaleX, Math.sin(angle) / scaleY];
    for (const { place, reach } of farthest(x, y, cos, sin, each)) {
      chosen.set(place, Math.max(reach, chosen.get(place) ?? 0));
    }
  }
  return [...chosen].sort(([, m], [, n]) => n - m).map(([place]) => place);
}

function farthest(x: Float32Array, y: Float32Array, cos: number, sin: number, count: number) {
  const best: { place: number; reach: number }[] = [];
  for (let place = 0; place < x.length; place++) {
    const reach = x[place]! * cos + y[place]! * sin;
    const worst = best.at(-1);
    if (!(reach > 0) || (best.length === count && worst && reach <= worst.reach)) continue;
    const at = best.findIndex((other) => other.reach < reach);
    best.splice(at < 0 ? best.length : at, 0, { place, reach });
    if (best.length > count) best.pop();
  }
  return best;
}

function largest(values: Float32Array): number {
  let most = 0;
  for (const value of values) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value));
  return most;
}
