/** A run's vectors: each SLOT lane's delta, shift and mean probabilities by step, live or from disk. */
import { ranks } from '../analysis/select';
import { badInput, type Result } from '../protocol';
import { damagedVectors, type NamedTensor, type StackedTensor } from './safetensors';

export interface StepVectors {
  /** [d] */
  readonly delta: Float32Array;
  /** [V] logits, raw. */
  readonly shift: Float32Array;
  /** [V] mean over the prompt's positions. */
  readonly meanP: Float32Array;
}

/** One delta of a run. */
export interface KeptDelta {
  /** Updates that it has seen. */
  readonly step: number;
  /** [d] */
  readonly delta: Float32Array;
  /** [V] logits; undefined where it is not kept for this step. */
  readonly shift: Float32Array | undefined;
  /** V; undefined where that is not known. */
  readonly vocab: number | undefined;
}

interface LaneVectors {
  readonly baseMeanP: Float32Array;
  readonly deltas: Float32Array[];
  /** The last steps that fit the budget; always the very last. */
  readonly shifts: Float32Array[];
  readonly meanPs: Float32Array[];
}

/** All vocabulary-sized vectors of a run's lanes together, in bytes; one step of each lane is kept in any case. */
const BUDGET = 128 * 2 ** 20;

export class RunVectors {
  private readonly lanes = new Map<string, LaneVectors>();

  constructor(private readonly budget = BUDGET) {}

  /** @param baseMeanP [V] the prompt's mean probabilities without delta */
  startLane(lane: string, baseMeanP: Float32Array): void {
    this.lanes.set(lane, { baseMeanP, deltas: [], shifts: [], meanPs: [] });
  }

  addStep(lane: string, { delta, shift, meanP }: StepVectors): void {
    const own = this.lane(lane);
    own.deltas.push(delta);
    own.shifts.push(shift);
    own.meanPs.push(meanP);
    while (this.bytes() > this.budget) {
      const longest = [...this.lanes.values()].reduce((a, b) => (b.shifts.length > a.shifts.length ? b : a));
      if (longest.shifts.length <= 1) break;
      longest.shifts.shift();
      longest.meanPs.shift();
    }
  }

  /** @throws EngineError for a step that is not kept */
  at(lane: string, step: number): { shift: Float32Array; meanP: Float32Array; baseMeanP: Float32Array } {
    const { deltas, shifts, meanPs, baseMeanP } = this.lane(lane);
    const kept = step - (deltas.length - shifts.length);
    const shift = shifts[kept];
    const meanP = meanPs[kept];
    if (shift && meanP) return { shift, meanP, baseMeanP };
    const first = deltas.length - shifts.length;
    throw badInput(
      'no-step',
      `step ${step} of lane "${lane}" is not kept: ${first} to ${deltas.length - 1} are`,
    );
  }

  /**
   * @param step updates of delta; the last where it is left out
   * @throws EngineError where the lane has none
   */
  delta(lane: string, step?: number): KeptDelta {
    const own = this.lane(lane);
    const kept = keptDelta(own, step);
    if (kept) return { ...kept, vocab: own.baseMeanP.length };
    throw badInput(
      'no-step',
      `lane "${lane}" took ${own.deltas.length} steps, so it has no step ${step ?? 1}`,
    );
  }

  /** Lanes that have a delta, with how many steps they took. */
  deltaLanes(): { name: string; steps: number }[] {
    return [...this.lanes].flatMap(([name, { deltas }]) =>
      deltas.length > 0 ? [{ name, steps: deltas.length }] : [],
    );
  }

  /** Each id's shift after each kept step. */
  series(lane: string, ids: readonly number[]): number[][] {
    const { shifts } = this.lane(lane);
    return ids.map((id) => shifts.map((shift) => shift[id] ?? 0));
  }

  /** Each id's shift, mean probability and rank after each kept step. */
  figures(lane: string, ids: readonly number[]): Result<'shift.series'> {
    const { deltas, shifts, meanPs, baseMeanP } = this.lane(lane);
    for (const id of ids)
      if (id >= baseMeanP.length) throw badInput('no-token', `the vocabulary has no token ${id}`);
    const rankRows = meanPs.map((meanP) => ranks(meanP, ids));
    const rowsOf = (value: (column: number, id: number, row: number) => number) =>
      ids.map((id, row) => Float32Array.from(shifts, (_, column) => value(column, id, row)));
    return {
      first: deltas.length - shifts.length,
      shiftMean: Float32Array.from(shifts, (shift, column) => dot(meanPs[column]!, shift)),
      shift: rowsOf((column, id) => shifts[column]![id]!),
      meanP: rowsOf((column, id) => meanPs[column]![id]!),
      rank: rowsOf((column, _, row) => rankRows[column]![row]!),
      baseMeanP: Float32Array.from(ids, (id) => baseMeanP[id]!),
      baseRank: Float32Array.from(ranks(baseMeanP, ids)),
    };
  }

  toTensors(): StackedTensor[] {
    return [...this.lanes]
      .filter(([, { deltas }]) => deltas.length > 0)
      .flatMap(([lane, { baseMeanP, deltas, shifts, meanPs }]) => [
        stack(`${lane}.delta`, deltas),
        stack(`${lane}.shift`, shifts),
        stack(`${lane}.meanP`, meanPs),
        { name: `${lane}.baseMeanP`, shape: [baseMeanP.length], rows: [baseMeanP] },
      ]);
  }

  /** @throws EngineError where they are not what `toTensors` makes */
  static fromTensors(tensors: ReadonlyMap<string, NamedTensor>): RunVectors {
    const vectors = new RunVectors();
    for (const name of tensors.keys()) {
      if (!name.endsWith('.delta')) continue;
      const lane = name.slice(0, -'.delta'.length);
      const rows = (part: string) => unstack(tensors.get(`${lane}.${part}`));
      const baseMeanP = tensors.get(`${lane}.baseMeanP`)?.data ?? new Float32Array();
      const [deltas, shifts, meanPs] = [rows('delta'), rows('shift'), rows('meanP')];
      const fits = [...shifts, ...meanPs].every((row) => row.length === baseMeanP.length);
      if (!fits || shifts.length !== meanPs.length || shifts.length > deltas.length) throw damagedVectors();
      vectors.lanes.set(lane, { baseMeanP, deltas, shifts, meanPs });
    }
    return vectors;
  }

  /** Bytes that count against the budget. */
  private bytes(): number {
    const lanes = [...this.lanes.values()];
    const kept = lanes.flatMap(({ shifts, meanPs }) => [...shifts, ...meanPs]);
    // Lanes of one prompt have theirs in common.
    const bases = new Set(lanes.map(({ baseMeanP }) => baseMeanP));
    return [...kept, ...bases].reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  private lane(lane: string): LaneVectors {
    const vectors = this.lanes.get(lane);
    if (!vectors)
      throw badInput('no-vectors', `lane "${lane}" has no shifts: it is a baseline, or they were not kept`);
    return vectors;
  }
}

/**
 * @param of deltas after each step, with shifts of the last of them
 * @param step updates; the last where it is left out
 * @returns undefined where it has no such step
 */
export function keptDelta(
  { deltas, shifts }: { readonly deltas: readonly Float32Array[]; readonly shifts: readonly Float32Array[] },
  step = deltas.length,
): KeptDelta | undefined {
  const delta = deltas[step - 1];
  if (!delta) return undefined;
  const shift = shifts[step - 1 - (deltas.length - shifts.length)];
  return { step, delta, shift, vocab: shift?.length };
}

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function stack(name: string, rows: readonly Float32Array[]): StackedTensor {
  return { name, shape: [rows.length, rows[0]!.length], rows };
}

/** The rows of a matrix; none of what is no matrix. */
export function unstack(tensor: NamedTensor | undefined): Float32Array[] {
  const [count = 0, width = 0] = tensor?.shape ?? [];
  // A file may claim any number of rows without elements.
  if (tensor?.shape.length !== 2 || width === 0) return [];
  return Array.from({ length: count }, (_, i) => tensor.data.subarray(i * width, (i + 1) * width));
}
