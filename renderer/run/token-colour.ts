/** What a token's colour can stand for, and how strong it is: a few levels with fixed bounds, so that they compare. */
import { z } from 'zod';
import type { TokenEvent } from '../../engine/protocol';
import { number, percent, signed } from '../ui/text/format';

export const Quantity = z.enum([
  'none',
  'deltaLogprob',
  'probability',
  'baseProbability',
  'kl',
  'entropy',
  'rankChange',
]);
export type Quantity = z.infer<typeof Quantity>;

export interface ColourScale {
  readonly name: string;
  readonly meaning: string;
  /** Values at which the level rises, towards what stands out. */
  readonly bounds: readonly [number, number, ...number[]];
  /** Both signs have levels: positive rises, negative falls. */
  readonly isSigned: boolean;
  valueOf(token: TokenEvent): number;
  write(value: number): string;
  /** A bound, short. */
  writeBound(value: number): string;
}

const SCALES: Readonly<Record<Exclude<Quantity, 'none'>, ColourScale>> = {
  deltaLogprob: {
    name: 'Δ log-probability',
    meaning: 'log-probability in this lane minus without delta, nats, at the same hidden state',
    bounds: [0.02, 0.1, 0.5, 2],
    isSigned: true,
    valueOf: ({ logprob, baseLogprob }) => logprob - baseLogprob,
    write: (value) => signed(value),
    writeBound: shortNumber,
  },
  probability: {
    name: 'Probability, lane',
    meaning: "probability under the lane's own distribution; the less probable, the stronger",
    bounds: [0.95, 0.75, 0.5, 0.1],
    isSigned: false,
    valueOf: ({ logprob }) => Math.exp(logprob),
    write: percent,
    writeBound: (value) => `${Math.round(value * 100)}%`,
  },
  baseProbability: {
    name: 'Probability, no delta',
    meaning: 'probability without delta at the same hidden state; the less probable, the stronger',
    bounds: [0.95, 0.75, 0.5, 0.1],
    isSigned: false,
    valueOf: ({ baseLogprob }) => Math.exp(baseLogprob),
    write: percent,
    writeBound: (value) => `${Math.round(value * 100)}%`,
  },
  kl: {
    name: 'KL',
    meaning: 'KL(lane ‖ without delta), nats: how far delta moved the whole distribution here',
    bounds: [0.003, 0.03, 0.1, 0.5],
    isSigned: false,
    valueOf: ({ kl }) => kl,
    write: (value) => number(value, 4),
    writeBound: shortNumber,
  },
  entropy: {
    name: 'Entropy',
    meaning: "entropy of the lane's distribution, nats: how open the choice was",
    bounds: [0.1, 0.5, 1.5, 3],
    isSigned: false,
    valueOf: ({ entropy }) => entropy,
    write: (value) => number(value),
    writeBound: shortNumber,
  },
  rankChange: {
    name: 'Rank change',
    meaning: 'places that delta moved the token up (+) or down (−) among all tokens',
    bounds: [1, 3, 10, 100],
    isSigned: true,
    valueOf: ({ rank, baseRank }) => baseRank - rank,
    write: (value) => signed(value, 0),
    writeBound: shortNumber,
  },
};

/** Without the zero before the point: room is short under a legend. */
function shortNumber(value: number): string {
  return String(value).replace(/^0\./, '.');
}

/** Null for `none`. */
export function scaleOf(quantity: Quantity): ColourScale | null {
  return quantity === 'none' ? null : SCALES[quantity];
}

/** From −bounds.length to bounds.length; 0 is not worth a colour. */
export function levelOf(scale: ColourScale, value: number): number {
  if (Number.isNaN(value)) return 0;
  const [first, second] = scale.bounds;
  // Bounds that fall mark what is below them.
  const falls = second < first;
  const size = scale.isSigned ? Math.abs(value) : value;
  const level = scale.bounds.filter((bound) => (falls ? size < bound : size >= bound)).length;
  return scale.isSigned && value < 0 ? -level : level;
}

/** The class that the style sheet colours; empty where there is nothing to show. */
export function toneClass(scale: ColourScale | null, token: TokenEvent): string {
  if (!scale) return '';
  const level = levelOf(scale, scale.valueOf(token));
  if (level === 0) return '';
  if (!scale.isSigned) return `tone-s${level}`;
  return level > 0 ? `tone-u${level}` : `tone-d${-level}`;
}

/** The legend: every level's class, lowest first, with the bound where it begins. */
export function levelBounds(scale: ColourScale): { readonly tone: string; readonly text: string }[] {
  const [first, second] = scale.bounds;
  const sign = second < first ? '<' : '';
  const rising = scale.bounds.map((bound, index) => ({
    tone: scale.isSigned ? `tone-u${index + 1}` : `tone-s${index + 1}`,
    text: scale.isSigned ? `+${scale.writeBound(bound)}` : `${sign}${scale.writeBound(bound)}`,
  }));
  if (!scale.isSigned) return rising;
  const falling = scale.bounds.map((bound, index) => ({
    tone: `tone-d${index + 1}`,
    text: `−${scale.writeBound(bound)}`,
  }));
  return [...falling.toReversed(), ...rising];
}
