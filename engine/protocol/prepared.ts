/** Weights that are made once into blocks, before a model opens. */
import { z } from 'zod';
import { Bytes, MAX_ENTRIES, Moment, Name, Path, Sentence } from './limits';

/** How far the weights of a model are that is being opened, see `PreparedModel`. */
export const Preparing = z.object({
  /** As it is shown. */
  model: Path,
  dtype: Name,
  /**
   * `waiting`: another process prepares the same. `checking`: what is there was touched since it was made. `fetching`: its
   * head, from the hub.
   */
  phase: z.enum(['waiting', 'preparing', 'checking', 'fetching']),
  done: Bytes,
  total: Bytes,
  secondsLeft: z.number().min(0).nullable(),
});
export type Preparing = z.infer<typeof Preparing>;

/** Weights that were made once into blocks, and are kept in the app's own folder. */
export const PreparedModel = z.object({
  key: z
    .string()
    .max(32)
    .regex(/^[0-9a-f]{32}$/, 'not a key that `models prepared` lists'),
  /** The model's and its dtype; null where its index is damaged. */
  name: Path.nullable(),
  created: Moment.nullable(),
  /** The first file that it was made of. */
  source: Path.nullable(),
  bytes: Bytes,
  /** A model that is open reads it. */
  isUsed: z.boolean(),
  /** Why it will not be used again as it stands, in words. */
  problem: Sentence.nullable(),
});
export type PreparedModel = z.infer<typeof PreparedModel>;

/** What rounding a model's weights loses, measured on the model itself when it is first opened. */
export const Rounding = z.object({
  /** The mean over a short text of KL(stored ‖ rounded), nats; null where it was not measured. */
  kl: z.number().nullable(),
  /** The same in words, or why it was not. */
  message: Sentence,
});
export type Rounding = z.infer<typeof Rounding>;

/** The methods about them, see MODEL_METHODS. */
export const PREPARED_METHODS = {
  /** Weights that were prepared, the newest first. */
  'models.prepared': {
    params: z.strictObject({}),
    result: z.object({ folder: Path, prepared: z.array(PreparedModel).max(MAX_ENTRIES) }),
  },
  /** Deletes prepared weights; they are made anew when their model is opened. */
  'models.removePrepared': {
    params: PreparedModel.pick({ key: true }).strict(),
    result: z.object({ freed: Bytes }),
  },
} as const;
