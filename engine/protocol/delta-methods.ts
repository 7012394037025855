/** What is asked of deltas: looked up, scaled, held to each other. */
import { z } from 'zod';
import { GivenSource, GivenVector } from './given';
import { Count, MAX_LIST, Name, RunId } from './limits';
import { ScaleFactor } from './settings';

const Floats = z.custom<Float32Array>((value) => value instanceof Float32Array, 'not a Float32Array');
const Bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'not a Uint8Array');

/** Runs whose deltas are held to each other at once. */
export const MAX_SIMILAR = 32;
/** Deltas of them all: more than can be read. */
export const MAX_SIMILAR_ROWS = 64;

/** A lane's delta after a step, the last where it is left out. */
const DeltaOfRun = z.strictObject({ runId: RunId, lane: Name.optional(), step: Count.optional() });

/** What a cosine means, in a sentence. @param hidden numbers of a delta */
export function chanceOfCosines(hidden: number): string {
  const chance = (1.96 / Math.sqrt(hidden)).toFixed(2);
  return `1: both push the logits the same way; −1: opposite ways. Of two random directions of ${hidden} numbers, 95 % lie within ±${chance} of 0.`;
}

export const DELTA_METHODS = {
  /**
   * What `factor` times a step's delta does, with the losses of the lane's scope that come with it: computed through the
   * head, whatever its tail is. See `shift.read`. Needs the model: the last run, or a stored one whose model is open.
   */
  'shift.scaled': {
    params: z.strictObject({ runId: RunId, lane: Name, step: Count, factor: ScaleFactor }),
    result: z.object({
      shift: Floats,
      meanP: Floats,
      baseMeanP: Floats,
      loss: z.number(),
      baseLoss: z.number(),
      deltaNorm: z.number(),
    }),
  },
  /**
   * A delta's numbers, and which others there are beside it: lanes of a run, or tensors of a safetensors file, with the
   * steps that each has. Without a lane, tensor or step it is the first that has a delta, and its last.
   */
  'delta.read': {
    params: z.discriminatedUnion('kind', [
      DeltaOfRun.extend({ kind: z.literal('run') }),
      z.strictObject({
        kind: z.literal('file'),
        file: Name,
        bytes: Bytes,
        tensor: Name.optional(),
        step: Count.optional(),
      }),
    ]),
    result: z.object({
      given: z.object({ source: GivenSource, vector: GivenVector }),
      hidden: Count,
      choices: z.array(z.object({ name: Name, steps: Count })).max(MAX_LIST),
    }),
  },
  /**
   * The cosine of every two of these deltas, row by row; null where one is all zeros. Without a lane it is each lane of
   * the run that has a delta. All are of one head: of the same hidden size and vocabulary, and of one model's id or, as
   * the open model tells, of its head.
   */
  'deltas.similarity': {
    params: z.strictObject({ deltas: z.array(DeltaOfRun).min(1).max(MAX_SIMILAR) }),
    result: z.object({
      deltas: z
        .array(z.object({ runId: RunId, lane: Name, step: Count, norm: z.number() }))
        .max(MAX_SIMILAR_ROWS),
      /** Numbers of each. */
      hidden: Count,
      cosines: z.array(z.array(z.number().nullable()).max(MAX_SIMILAR_ROWS)).max(MAX_SIMILAR_ROWS),
    }),
  },
} as const;
