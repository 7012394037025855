/** Several answers of each lane at one temperature: how many, with which seeds, and what is told of them. */
import { z } from 'zod';
import { Count, Name, Text, TokenId } from './limits';

/** Of one lane, its own answer among them. */
const MAX_SAMPLES = 256;
/** Of all lanes and samples of a run: what a window holds and a stored run is read with. */
const MAX_SAMPLED_TOKENS = 2 ** 20;

export const Samples = z.int().min(1).max(MAX_SAMPLES, `at most ${MAX_SAMPLES} samples of each lane`);

interface Sampling {
  readonly samples?: number | undefined;
  readonly lanes: readonly unknown[];
  readonly generation: { readonly temperature: number; readonly maxNewTokens: number };
}

/** Why a run cannot draw them; undefined where it can, or is to draw none. */
export function samplesProblem({ samples = 1, lanes, generation }: Sampling): string | undefined {
  if (samples === 1) return undefined;
  const { temperature, maxNewTokens } = generation;
  if (temperature === 0)
    return `${samples} samples at temperature 0 would all be the same: set a temperature above 0`;
  const most = lanes.length * samples * maxNewTokens;
  if (most <= MAX_SAMPLED_TOKENS) return undefined;
  const lane = lanes.length === 1 ? 'lane' : 'lanes';
  return `${samples} samples of ${lanes.length} ${lane} at ${maxNewTokens} tokens are too many: a run holds ${MAX_SAMPLED_TOKENS} tokens, so take fewer, or shorter ones`;
}

/** Of a lane's sample, 0 the lane's own answer: a run with this seed writes it alone. */
export function sampleSeed(seed: number, sample: number): number {
  return (seed + sample) % 2 ** 32;
}

/** A token more of a sample; those of sample 0 are the lane's own, told as `token`. Nats. */
export const SampleToken = z.object({
  type: z.literal('sample.token'),
  lane: Name,
  sample: Count,
  index: Count,
  id: TokenId,
  token: Text,
  logprob: z.number(),
  baseLogprob: z.number(),
  /** Of a draw at the run's temperature and top-p; left out for tokens that were given. */
  drawnLogprob: z.number().optional(),
});
export type SampleToken = z.infer<typeof SampleToken>;

export const FINAL_ANSWERS = ['boxed', 'number', 'text'] as const;

/** What an answer comes to: what it boxes, else the number that it states, else all of it. Equal texts are equal answers. */
export const FinalAnswer = z.object({ text: Text, by: z.enum(FINAL_ANSWERS) });
export type FinalAnswer = z.infer<typeof FinalAnswer>;

/** A sample has ended, sample 0 with its lane. */
export const SampleDone = z.object({
  type: z.literal('sample.done'),
  lane: Name,
  sample: Count,
  seed: z.int().min(0).max(0xffff_ffff),
  text: Text,
  reason: z.enum(['eos', 'length', 'stop', 'cancelled']),
  tokens: Count,
  answer: FinalAnswer,
});
export type SampleDone = z.infer<typeof SampleDone>;
