/** A prompt's probabilities without delta, and the sums over them that a step of each lane takes. */
import type { HeadPlan, PlannedView } from '../views/plan-head';
import { type VocabularyChunks, vocabularyChunks } from '../views/vocabulary-chunks';
import type { ReleaseStack } from './release-stack';
import {
  floatData,
  floats,
  halfData,
  halves,
  joined,
  type SessionOptions,
  type Tensors,
  ViewSession,
} from './session';

/** Positions without delta, exponentiated once. */
export interface BaseSoftmax {
  /** [chunks, m, size] softmax(logits), by chunks of the vocabulary. */
  readonly p: Float32Array;
  /** [m] cross-entropy of the labels, nats. */
  readonly nll: Float32Array;
}

/** The same in half the bytes: float16, but for the likely tokens. */
export interface NarrowSoftmax {
  /** [chunks, m, size] p = codes·scales. */
  readonly codes: Uint16Array;
  /** [chunks, size] */
  readonly scales: Float32Array;
  readonly likely: Likely;
  readonly nll: Float32Array;
}

/** Probabilities that are kept as they are, by the position's row in the block. */
interface Likely {
  readonly rows: Uint8Array;
  readonly ids: Uint32Array;
  readonly p: Float32Array;
}

/**
 * From this probability on a token is kept as it is. float16 rounds by up to 2^-11 of a number; a sum over many small
 * ones is wrong by far less, as their errors are of both signs.
 */
const LIKELY = 2 ** -10;

/** A vector over the vocabulary for each lane, by chunks: [chunks, lanes, size]. */
export interface LaneVectors {
  readonly lanes: number;
  readonly data: Float32Array;
}

/** exp(shift - highest) of lanes, with shift = logitScale·b. */
export interface Growths extends LaneVectors {
  /** [lanes] largest element of each lane's shift. */
  readonly highest: Float32Array;
  /** [lanes] how far its elements lie apart; NaN where one of them is no finite number. */
  readonly widths: Float32Array;
}

/** Sums over a block of positions for one lane. */
interface LaneSums {
  /** [m] p·growth */
  readonly sums: Float32Array;
  /** [V] Σ weights·softmax */
  readonly meanP: Float32Array;
}

interface SoftmaxSessions {
  readonly wide: ViewSession;
  readonly narrow: ViewSession;
  readonly narrowing: ViewSession;
  readonly growth: ViewSession;
}

export class PromptSoftmax {
  private readonly chunks: VocabularyChunks;

  private constructor(
    private readonly vocab: number,
    private readonly sessions: SoftmaxSessions,
  ) {
    this.chunks = vocabularyChunks(vocab);
  }

  static async open(
    views: HeadPlan['views'],
    vocab: number,
    options: SessionOptions,
    held: ReleaseStack,
  ): Promise<PromptSoftmax> {
    const open = async (view: PlannedView) => held.add(await ViewSession.open(view, options));
    return new PromptSoftmax(vocab, {
      wide: await open(views.shiftedSoftmax),
      narrow: await open(views.narrowShiftedSoftmax),
      narrowing: await open(views.narrow),
      growth: await open(views.growth),
    });
  }

  /** @param base whose likely probabilities are zeros afterwards */
  async narrowed({ p, nll }: BaseSoftmax): Promise<NarrowSoftmax> {
    const { count, size } = this.chunks;
    const likely = this.takeLikely(p, nll.length);
    const { codes, scales } = await this.sessions.narrowing.run({ p: floats(p, [count, nll.length, size]) });
    return { codes: halfData(codes), scales: floatData(scales), likely, nll };
  }

  /** @param bs [V] W·delta of each lane */
  async growths(bs: readonly Float32Array[]): Promise<Growths> {
    const lanes = bs.length;
    const outputs = await this.sessions.growth.run({ b: floats(joined(bs), [lanes, this.vocab]) });
    const [highest, widths] = [floatData(outputs.highest), floatData(outputs.width)];
    return { lanes, data: floatData(outputs.growth), highest, widths };
  }

  /** One lane's and, for a second, the same times `values` [V]. */
  withValues({ data }: LaneVectors, values: Float32Array): LaneVectors {
    const both = new Float32Array(2 * data.length);
    for (const [id, value] of values.entries()) {
      const growth = data[id]!;
      both[this.place(0, 2, id)] = growth;
      both[this.place(1, 2, id)] = growth * value;
    }
    return { lanes: 2, data: both };
  }

  /** @param weights [m] of each lane */
  async shifted(
    base: BaseSoftmax | NarrowSoftmax,
    growths: LaneVectors,
    weights: readonly (readonly number[])[],
  ): Promise<LaneSums[]> {
    const { count, size } = this.chunks;
    const { lanes, data } = growths;
    const m = base.nll.length;
    const feeds = {
      growth: floats(data, [count, lanes, 1, size]),
      weights: floats(Float32Array.from(weights.flat()), [lanes, 1, m]),
    };
    const outputs =
      'p' in base
        ? await this.sessions.wide.run({ ...feeds, p: floats(base.p, [count, 1, m, size]) })
        : await this.sessions.narrow.run({ ...feeds, ...this.narrowFeeds(base, growths) });
    const [sums, meanP] = [floatData(outputs.sums), floatData(outputs.meanP)];
    return weights.map((own, lane) => {
      const part = {
        sums: sums.subarray(lane * m, (lane + 1) * m),
        meanP: this.gathered(meanP, lane, lanes),
      };
      if ('likely' in base)
        forEach(base.likely, (row, id, p) => {
          part.meanP[id]! += (own[row]! / part.sums[row]!) * p * data[this.place(lane, lanes, id)]!;
        });
      return part;
    });
  }

  /** Of a token's number in [chunks, lanes, size]. */
  private place(lane: number, lanes: number, id: number): number {
    const { size } = this.chunks;
    const chunk = Math.floor(id / size);
    return id + (chunk * (lanes - 1) + lane) * size;
  }

  /** A lane's [V] of [chunks, lanes, size]. */
  private gathered(data: Float32Array, lane: number, lanes: number): Float32Array {
    const { count, size } = this.chunks;
    if (lanes === 1) return data.subarray(0, this.vocab);
    const own = new Float32Array(count * size);
    for (let chunk = 0; chunk < count; chunk++) {
      const start = (chunk * lanes + lane) * size;
      own.set(data.subarray(start, start + size), chunk * size);
    }
    return own.subarray(0, this.vocab);
  }

  private narrowFeeds({ codes, scales, likely, nll }: NarrowSoftmax, { lanes, data }: LaneVectors): Tensors {
    const { count, size } = this.chunks;
    const m = nll.length;
    const added = new Float32Array(lanes * m);
    for (let lane = 0; lane < lanes; lane++)
      forEach(likely, (row, id, p) => {
        added[lane * m + row]! += p * data[this.place(lane, lanes, id)]!;
      });
    return {
      codes: halves(codes, [count, 1, m, size]),
      scales: floats(scales, [count, 1, 1, size]),
      likely: floats(added, [lanes, 1, m]),
    };
  }

  private takeLikely(p: Float32Array, m: number): Likely {
    const { size } = this.chunks;
    const rows: number[] = [];
    const ids: number[] = [];
    const taken: number[] = [];
    for (let at = 0; at < p.length; at++) {
      const value = p[at]!;
      if (!(value >= LIKELY)) continue;
      rows.push(Math.floor(at / size) % m);
      ids.push(Math.floor(at / (size * m)) * size + (at % size));
      taken.push(value);
      p[at] = 0;
    }
    return { rows: Uint8Array.from(rows), ids: Uint32Array.from(ids), p: Float32Array.from(taken) };
  }
}

function forEach({ rows, ids, p }: Likely, act: (row: number, id: number, p: number) => void): void {
  for (let i = 0; i < p.length; i++) act(rows[i]!, ids[i]!, p[i]!);
}

/**
 * A token's codes end 2^-40 below its largest probability in the block. With this ratio of the sums at most, what that
 * drops at one position, where another's growth makes it count, stays below float32's rounding.
 */
const MAX_SUM_RATIO = 2 ** 20;

/** Whether narrow probabilities hold these sums, [m]: false also where one is no number. */
export function narrowHolds(sums: Float32Array): boolean {
  let [lowest, highest] = [Number.POSITIVE_INFINITY, 0];
  for (const sum of sums) {
    lowest = Math.min(lowest, sum);
    highest = Math.max(highest, sum);
  }
  return highest <= MAX_SUM_RATIO * lowest;
}
