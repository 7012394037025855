/** The events of a lane's optimisation: what is learned from, each step, and what it came to. */
import { z } from 'zod';
import { Count, MAX_LIST, Name, Numbers, Text, TokenId } from './limits';

export const Milliseconds = z.number().min(0);

export const Token = z.object({ id: TokenId, token: Text });
export type Token = z.infer<typeof Token>;

/** `shift` in logits, raw; `massMoved` the mean over the positions learned from of p_slot - p_base. */
export const TokenShift = Token.extend({ shift: z.number(), massMoved: z.number() });
export type TokenShift = z.infer<typeof TokenShift>;

/** What a lane's delta is learned from, where that is not all of its prompt. */
export const SlotScope = z.object({
  type: z.literal('slot.scope'),
  lane: Name,
  /** Of each prompt token from the second on: its share of the loss, 1 in all; 0 where it is out of scope or held out. */
  weights: Numbers,
  /** The same of the held-out half. */
  heldOut: Numbers.optional(),
});
export type SlotScope = z.infer<typeof SlotScope>;

/** `residual`: the loss's derivative by the token's logit, summed over positions. */
const TokenPull = Token.extend({ residual: z.number() });
export type TokenPull = z.infer<typeof TokenPull>;

/**
 * `loss`, `heldOutLoss`, `gradNorm` and `pulls` are measured before the update of this step; the rest after it. A
 * control has one step, which puts its whole delta in, after no gradient.
 */
export const SlotStep = z.object({
  type: z.literal('slot.step'),
  lane: Name,
  step: Count,
  loss: z.number(),
  gradNorm: z.number().optional(),
  /** Of the tokens that delta is not learned from. */
  heldOutLoss: z.number().optional(),
  /** The mean of KL(slot ‖ base) over the scope, nats; left out where it takes long and nothing asks for it. */
  kl: z.number().optional(),
  /** What the update follows: the tokens whose logits the loss wants higher, and lower, the most wanted first. */
  pulls: z
    .object({ up: z.array(TokenPull).max(MAX_LIST), down: z.array(TokenPull).max(MAX_LIST) })
    .optional(),
  deltaNorm: z.number(),
  ms: Milliseconds,
  boosted: z.array(TokenShift).max(MAX_LIST),
  suppressed: z.array(TokenShift).max(MAX_LIST),
  gained: z.array(TokenShift).max(MAX_LIST),
  lost: z.array(TokenShift).max(MAX_LIST),
  /** The mean of `shift` weighted by the adapted model's mean probability: what centring subtracts. */
  shiftMean: z.number(),
  groups: z.array(z.object({ name: Name, meanShift: z.number(), massMoved: z.number() })).max(MAX_LIST),
  /** After the update: cross-entropy of each prompt token from the second on. Left out where it would swell a long run. */
  positionLoss: Numbers.optional(),
});
export type SlotStep = z.infer<typeof SlotStep>;

/** Prompt tokens that are left out of each explanation, one at a time. */
export const MAX_LEFT_OUT = 16;

/** Which prompt tokens taught a lane's delta to favour a token, or to disfavour it. */
export const SlotExplained = z.object({
  type: z.literal('slot.explained'),
  lane: Name,
  id: TokenId,
  token: Text,
  /** Of its logit, by the whole delta. */
  shift: z.number(),
  /**
   * Logits, of each prompt token from the second on: what predicting it added to `shift`. Together they are the shift, up
   * to rounding. That is exact for SGD; AdamW's norms, which depend on all tokens, are taken as they were.
   */
  contributions: Numbers,
  /**
   * What the shift is where a prompt token is left out and the steps are taken anew: measured, of those that contribute
   * most. `target` counts as `contributions` does.
   */
  without: z
    .array(z.object({ target: Count, shift: z.number() }))
    .max(MAX_LEFT_OUT)
    .optional(),
});
export type SlotExplained = z.infer<typeof SlotExplained>;

/** `steps` are those that were reported: a control has one. Losses are of the lane's scope. */
export const SlotDone = z.object({
  type: z.literal('slot.done'),
  lane: Name,
  steps: Count,
  initialLoss: z.number(),
  finalLoss: z.number(),
  /** Of the tokens that delta is not learned from. */
  heldOutLoss: z.object({ initial: z.number(), final: z.number() }).optional(),
  /**
   * Why it ended before its steps were taken: the next step, which is not part of delta, would have brought the
   * held-out loss, or the mean KL, to `value`.
   */
  stopped: z.object({ by: z.enum(['held-out', 'kl']), value: z.number() }).optional(),
  deltaNorm: z.number(),
  ms: Milliseconds,
  /** Cross-entropy of prompt token i + 1 given the tokens up to i. */
  positionLoss: z.object({ before: Numbers, after: Numbers }),
});
export type SlotDone = z.infer<typeof SlotDone>;
