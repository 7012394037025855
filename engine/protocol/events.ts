/** The run's events: one JSON object a line on the command line, in the stored run and on the wire. */
import { z } from 'zod';
import { Count, Ids, MAX_LIST, Moment, Name, Path, Sentence, Text, Texts, TokenId } from './limits';
import { SampleDone, SampleToken } from './samples';
import { RunConfig } from './settings';
import { Milliseconds, SlotDone, SlotExplained, SlotScope, SlotStep, Token } from './slot-events';

/** Older formats are translated where stored runs are read: `runs/older-formats.ts`. */
export const SCHEMA_VERSION = 2;

const Alternative = Token.extend({ logprob: z.number(), baseLogprob: z.number() });

const RunStarted = z.object({
  type: z.literal('run.started'),
  v: z.literal(SCHEMA_VERSION),
  runId: Name,
  /** When it started. */
  at: Moment,
  model: z.object({
    id: Path,
    dtype: Name,
    projection: Name,
    vocab: Count,
    hidden: Count,
  }),
  config: RunConfig,
  prompt: z.object({ text: Text, ids: Ids, tokens: Texts }),
  /** The members of each token group, at most 20,000 of one; runs written before this field lack it. */
  /** Of each group: the mean of its members' shifts, the sum of the mass they moved. */
  groups: z
    .array(z.object({ name: Name, ids: Ids }))
    .max(MAX_LIST)
    .optional(),
});

/** Something the user should know that does not stop the run. */
const Notice = z.object({
  type: z.literal('notice'),
  code: Name,
  message: Sentence,
  lane: Name.optional(),
});

/** The prompt of a lane that has a conversation of its own. */
const LanePrompt = z.object({
  type: z.literal('lane.prompt'),
  lane: Name,
  text: Text,
  ids: Ids,
  tokens: Texts,
});

/** Tokens read so far, over all prompts of the run. */
const PromptProgress = z.object({
  type: z.literal('prompt.progress'),
  tokens: Count,
  total: Count,
});

/** `reused` of the tokens were known from an earlier turn. */
const PromptPrefilled = z.object({
  type: z.literal('prompt.prefilled'),
  tokens: Count,
  reused: Count,
  ms: Milliseconds,
});

/** Prompt positions whose logits are known, before the first step; long prompts and large vocabularies take a while. */
const SlotProgress = z.object({
  type: z.literal('slot.progress'),
  positions: Count,
  total: Count,
});

/** A step of SLOT on another prompt (`source` of `sources`), which the deltas of these lanes are made of. */
const SlotSource = z.object({
  type: z.literal('slot.source'),
  lanes: z.array(Name).max(MAX_LIST),
  source: Count,
  sources: Count,
  step: Count,
  steps: Count,
  /** Before the step, of that prompt. */
  loss: z.number(),
  ms: Milliseconds,
});

/**
 * The temperature at which the baseline has SLOT's mean entropy on the prefixes of SLOT's answer: what a `temperature`
 * lane draws at.
 */
const LaneTemperature = z.object({
  type: z.literal('lane.temperature'),
  lane: Name,
  temperature: z.number().positive(),
  /** SLOT's mean entropy at the run's own temperature (1 where it is greedy), nats: what was to be met. */
  entropy: z.number(),
  /** The baseline's at `temperature`. */
  baseEntropy: z.number(),
  /** Whether the two are equal; otherwise no temperature brings them nearer. */
  isReached: z.boolean(),
  /** Tokens of the answer. */
  positions: Count,
});

/** `base*` is the unadapted distribution at the same hidden state; the others are the lane's own. Nats. */
export const TokenEvent = z.object({
  type: z.literal('token'),
  lane: Name,
  index: Count,
  id: TokenId,
  text: Text,
  logprob: z.number(),
  baseLogprob: z.number(),
  /** 0 is the most probable token. */
  rank: Count,
  baseRank: Count,
  entropy: z.number(),
  baseEntropy: z.number(),
  /** KL(lane || base). */
  kl: z.number(),
  /** The token by itself where `text` is otherwise: bytes of a character that others complete, or its end. */
  token: Text.optional(),
  /** Of a draw at the run's temperature and top-p, where the run draws several samples. */
  drawnLogprob: z.number().optional(),
  /** The token stands in the lane's `forcedPrefix`: it was not chosen. */
  forced: z.boolean().optional(),
  /** The most probable tokens under either distribution, best first under the lane's. */
  top: z.array(Alternative).max(MAX_LIST),
});
export type TokenEvent = z.infer<typeof TokenEvent>;

/** `stop`: at one of the generation's texts; the answer's text ends before it. */
export const StopReason = z.enum(['eos', 'length', 'stop', 'cancelled']);
export type StopReason = z.infer<typeof StopReason>;

/**
 * An answer's text so far, where its distributions are told when it has ended: on a server. Shown and not kept; its
 * tokens follow.
 */
const LaneDraft = z.object({ type: z.literal('lane.draft'), lane: Name, text: Text });

const LaneDone = z.object({
  type: z.literal('lane.done'),
  lane: Name,
  text: Text,
  ids: Ids,
  reason: StopReason,
  tokens: Count,
  ms: Milliseconds,
});

/** One lane stopped (a loss or logit that is not finite); the others go on. */
const LaneFailed = z.object({
  type: z.literal('lane.failed'),
  lane: Name,
  code: Name,
  message: Sentence,
  hint: Sentence,
  /** The SLOT step where it happened; absent in decoding. */
  step: Count.optional(),
});

const RunDone = z.object({
  type: z.literal('run.done'),
  ms: z.object({ load: Milliseconds, prefill: Milliseconds, slot: Milliseconds, decode: Milliseconds }),
});

const RunFailed = z.object({
  type: z.literal('run.failed'),
  /** `input`: what was asked for cannot be run; `failure`: it could have been. */
  kind: z.enum(['input', 'failure']),
  code: Name,
  message: Sentence,
  hint: Sentence,
});

const RunCancelled = z.object({ type: z.literal('run.cancelled') });

export const RunEvent = z.discriminatedUnion('type', [
  RunStarted,
  Notice,
  LanePrompt,
  PromptProgress,
  PromptPrefilled,
  SlotProgress,
  SlotSource,
  SlotScope,
  SlotExplained,
  SlotStep,
  SlotDone,
  LaneTemperature,
  TokenEvent,
  LaneDraft,
  LaneDone,
  LaneFailed,
  SampleToken,
  SampleDone,
  RunDone,
  RunFailed,
  RunCancelled,
]);
export type RunEvent = z.infer<typeof RunEvent>;

/** Whether no event can follow this one. */
export function endsRun(event: RunEvent): boolean {
  return event.type === 'run.done' || event.type === 'run.failed' || event.type === 'run.cancelled';
}
