/** The ways to say what delta did to a token, each over the whole vocabulary, worked out when first asked for. */
import { z } from 'zod';
import type { Result } from '../../../engine/protocol';
import { orderOf, ranksOf } from './order';

export const Metric = z.enum(['raw', 'centred', 'mass', 'rank', 'answerMass', 'logprob', 'answerRank']);
export type Metric = z.infer<typeof Metric>;

/** What a metric is measured on, and so what must be read for it. */
export type MetricSource = 'prompt' | 'answer' | 'position';

export const METRIC_SOURCES: Readonly<Record<Metric, MetricSource>> = {
  raw: 'prompt',
  centred: 'prompt',
  mass: 'prompt',
  rank: 'prompt',
  answerMass: 'answer',
  logprob: 'position',
  answerRank: 'position',
};

/** After one step, over the prompt's positions. All vectors are [V]. */
export class StepColumns {
  readonly shift: Float32Array;
  readonly meanP: Float32Array;
  readonly baseMeanP: Float32Array;
  #mean: number | null = null;
  #centred: Float32Array | null = null;
  #mass: Float32Array | null = null;
  #rank: Float32Array | null = null;

  constructor({ shift, meanP, baseMeanP }: Result<'shift.read'>) {
    this.shift = shift;
    this.meanP = meanP;
    this.baseMeanP = baseMeanP;
  }

  /** Before the first update: delta is zero, and nothing has moved. */
  static untouched({ baseMeanP }: StepColumns): StepColumns {
    return new StepColumns({ shift: new Float32Array(baseMeanP.length), meanP: baseMeanP, baseMeanP });
  }

  get size(): number {
    return this.shift.length;
  }

  /** Σ p̄ᵢ·shiftᵢ: the part of the shift that softmax ignores. */
  get shiftMean(): number {
    this.#mean ??= dot(this.meanP, this.shift);
    return this.#mean;
  }

  get centred(): Float32Array {
    const mean = this.shiftMean;
    this.#centred ??= this.shift.map((shift) => shift - mean);
    return this.#centred;
  }

  get mass(): Float32Array {
    this.#mass ??= this.meanP.map((p, id) => p - this.baseMeanP[id]!);
    return this.#mass;
  }

  /** Works out what views ask for, a little at a time, so that no single piece holds up the window. */
  async prepare(pause: () => Promise<void>): Promise<this> {
    void this.centred;
    void this.mass;
    await pause();
    baseRanks(this.baseMeanP);
    await pause();
    void this.rank;
    await pause();
    return this;
  }

  /** Places gained by mean probability; above 0 is up. */
  get rank(): Float32Array {
    this.#rank ??= placesGained(this.baseMeanP, this.meanP);
    return this.#rank;
  }
}

/** At one token of an answer, both distributions at the same hidden state. */
export class PositionColumns {
  readonly logprobs: Float32Array;
  readonly baseLogprobs: Float32Array;
  #logprob: Float32Array | null = null;
  #answerRank: Float32Array | null = null;

  constructor({ logprobs, baseLogprobs }: Result<'distribution.read'>) {
    this.logprobs = logprobs;
    this.baseLogprobs = baseLogprobs;
  }

  get logprob(): Float32Array {
    // Two times minus infinity is no change.
    this.#logprob ??= this.logprobs.map((p, id) =>
      p === this.baseLogprobs[id] ? 0 : p - this.baseLogprobs[id]!,
    );
    return this.#logprob;
  }

  get answerRank(): Float32Array {
    this.#answerRank ??= placesGained(this.baseLogprobs, this.logprobs);
    return this.#answerRank;
  }
}

export interface Sources {
  readonly step: StepColumns | null;
  readonly position: PositionColumns | null;
  readonly answerMass: Float32Array | null;
}

/** [V], or null where what it is measured on has not been read. */
export function metricValues(metric: Metric, { step, position, answerMass }: Sources): Float32Array | null {
  switch (metric) {
    case 'raw':
      return step?.shift ?? null;
    case 'centred':
    case 'mass':
    case 'rank':
      return step?.[metric] ?? null;
    case 'answerMass':
      return answerMass;
    default:
      return position?.[metric] ?? null;
  }
}

const orders = new WeakMap<Float32Array, { up?: Uint32Array; down?: Uint32Array }>();

/** `orderOf`, worked out once for each vector and direction. */
export function cachedOrder(values: Float32Array, descending: boolean): Uint32Array {
  const known = orders.get(values) ?? {};
  orders.set(values, known);
  if (descending) {
    known.down ??= orderOf(values, true);
    return known.down;
  }
  known.up ??= orderOf(values, false);
  return known.up;
}

/** All of an order that the filter lets through. */
export function filtered(order: Uint32Array, mask: Uint8Array | null): Uint32Array {
  if (mask === null) return order;
  const chosen = new Uint32Array(order.length);
  let count = 0;
  for (let at = 0; at < order.length; at++) {
    const id = order[at]!;
    if (mask[id] === 1) chosen[count++] = id;
  }
  return chosen.subarray(0, count);
}

const ranks = new WeakMap<Float32Array, Float32Array>();

/** The steps of a lane share what they start from. */
function baseRanks(base: Float32Array): Float32Array {
  const known = ranks.get(base) ?? ranksOf(base);
  ranks.set(base, known);
  return known;
}

function placesGained(before: Float32Array, after: Float32Array): Float32Array {
  const was = baseRanks(before);
  return ranksOf(after).map((rank, id) => was[id]! - rank);
}

function dot(a: Float32Array, b: Float32Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!;
  return total;
}
