/**
 * Picks the next token. Sampling is Gumbel-max with noise that depends on seed, position and token only:
 * lanes at the same position draw the same noise (common random numbers), so they differ where their
 * distributions differ and not by luck.
 */
import { largest } from '../analysis/select';
import type { GenerationSettings } from '../protocol';

type SamplingSettings = Pick<GenerationSettings, 'temperature' | 'topP' | 'seed'>;

/** Draws below WINNING_DRAWS[k] give noise below k: most tokens are ruled out without a logarithm. */
const WINNING_DRAWS = Array.from({ length: 24 }, (_, noise) =>
  Math.floor(2 ** 32 * Math.exp(-Math.exp(-noise)) - 1),
);

/**
 * @param logprobs [V] @param position index of the token in the answer
 * @param best the most probable token, the first of equals, where it is known
 */
export function chooseToken(
  logprobs: Float32Array,
  settings: SamplingSettings,
  position: number,
  best = largest(logprobs, 1)[0] ?? 0,
): number {
  if (settings.temperature === 0) return best;
  const candidates = settings.topP < 1 ? nucleus(logprobs, settings, best) : undefined;
  return gumbelMax(logprobs, settings, position, best, candidates);
}

/**
 * The log-probability, in nats, with which a draw takes this token.
 * @param logprobs [V]
 * @returns undefined where no draw takes it: outside of top-p, or at temperature 0
 */
export function drawnLogprob(
  logprobs: Float32Array,
  settings: Pick<SamplingSettings, 'temperature' | 'topP'>,
  id: number,
): number | undefined {
  const { temperature, topP } = settings;
  if (temperature === 0) return undefined;
  const best = largest(logprobs, 1)[0] ?? 0;
  const weight = (token: number) => Math.exp((logprobs[token]! - logprobs[best]!) / temperature);
  const kept = topP < 1 ? nucleus(logprobs, settings, best) : logprobs.keys();
  let total = 0;
  let isKept = false;
  for (const token of kept) {
    total += weight(token);
    isKept ||= token === id;
  }
  return isKept ? (logprobs[id]! - logprobs[best]!) / temperature - Math.log(total) : undefined;
}

/** argmax of logprob / temperature + Gumbel noise, over the candidates or the whole vocabulary. */
function gumbelMax(
  logprobs: Float32Array,
  { temperature, seed }: SamplingSettings,
  position: number,
  best: number,
  candidates: readonly number[] | undefined,
): number {
  const key = mix(mix(seed) ^ position);
  let winner = best;
  let highest = logprobs[best]! / temperature + gumbel(key, best);
  const consider = (id: number) => {
    const scaled = logprobs[id]! / temperature;
    const needed = Math.floor(highest - scaled);
    if (!(needed < WINNING_DRAWS.length)) return;
    const draw = mix(key ^ id) >>> 0;
    if (draw < (WINNING_DRAWS[needed] ?? 0)) return;
    const score = scaled + gumbelOf(draw);
    if (score > highest) {
      winner = id;
      highest = score;
    }
  };
  if (candidates) candidates.forEach(consider);
  else for (let id = 0; id < logprobs.length; id++) consider(id);
  return winner;
}

/** The fewest most probable tokens whose mass, at this temperature, reaches topP (Holtzman et al., 2020). */
function nucleus(
  logprobs: Float32Array,
  { temperature, topP }: Pick<SamplingSettings, 'temperature' | 'topP'>,
  best: number,
): number[] {
  const weights = logprobs.map((logprob) => Math.exp((logprob - logprobs[best]!) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  for (let k = 64; ; k *= 4) {
    const ids = largest(weights, Math.min(k, weights.length));
    let mass = 0;
    const end = ids.findIndex((id) => {
      mass += weights[id]! / total;
      return mass >= topP;
    });
    if (end >= 0) return ids.slice(0, end + 1);
    if (k >= weights.length) return ids;
  }
}

/** Standard Gumbel noise for one token; `key` stands for seed and position. */
function gumbel(key: number, id: number): number {
  return gumbelOf(mix(key ^ id) >>> 0);
}

/** @param draw uniform in [0, 2³²) */
function gumbelOf(draw: number): number {
  return -Math.log(-Math.log((draw + 0.5) / 2 ** 32));
}

/** A 32-bit finaliser (MurmurHash3's), after an odd offset so that 0 does not map to 0. */
function mix(value: number): number {
  let h = (value + 0x9e3779b9) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}
