/** What is told of a model that is open. */
import { z } from 'zod';
import { Count, MAX_ENTRIES, MAX_LIST, MAX_TOKENS, Name, Path, Sentence, Text, TokenId } from './limits';
import { Rounding } from './prepared';
import { ServerUse } from './server';
import { Arithmetic, Device } from './settings';

export const GroupInfo = z.object({
  name: Name,
  tokens: z.array(z.object({ id: TokenId, token: Text })).max(MAX_TOKENS),
});
export type GroupInfo = z.infer<typeof GroupInfo>;

/** Where a model runs. */
export const DeviceUse = z.object({
  asked: Device,
  used: Device,
  /** The largest difference of a logit from the CPU's, on a short prompt; null where nothing was compared. */
  largestDifference: z.number().nullable(),
  /** Why it is not the one that was asked for, or how well that one computes; null for the CPU that was asked for. */
  message: Sentence.nullable(),
});
export type DeviceUse = z.infer<typeof DeviceUse>;

/** In what the layers are multiplied. */
export const ArithmeticUse = z.object({
  used: Arithmetic,
  /** Why `fast` cannot be chosen for this model; null where it can. */
  noFast: Sentence.nullable(),
  /** Of `fast` from `exact` on a short text: the largest difference of a logit; null where nothing was compared. */
  largestDifference: z.number().nullable(),
  /** The mean over its positions of KL(exact ‖ fast), nats; null where nothing was compared. */
  kl: z.number().nullable(),
  /** The same in words; null for `exact`. */
  message: Sentence.nullable(),
});
export type ArithmeticUse = z.infer<typeof ArithmeticUse>;

/** What the engine found when it opened a model folder. */
export const ModelInfo = z.object({
  id: Path,
  folder: Path,
  dtype: Name,
  /** The dtypes that lie in the folder. */
  dtypes: z.array(Name).max(MAX_ENTRIES),
  projection: Name,
  /** The head after the projection, in order, as ONNX operators. */
  tail: z.array(Name).max(MAX_ENTRIES),
  vocab: Count,
  hidden: Count,
  layers: Count,
  contextLength: Count.nullable(),
  hasChatTemplate: z.boolean(),
  /** The names that the chat template reads besides the messages. */
  templateVariables: z.array(Name).max(MAX_ENTRIES),
  /** The devices that can be asked for on this machine. */
  devices: z.array(Device).max(MAX_LIST),
  device: DeviceUse,
  arithmetic: ArithmeticUse,
  /** Null where the weights are as they are stored. */
  rounding: Rounding.nullable(),
  /** Where its layers run; null where that is this machine. */
  server: ServerUse.nullable(),
  groups: z.array(GroupInfo).max(MAX_LIST),
});
export type ModelInfo = z.infer<typeof ModelInfo>;
