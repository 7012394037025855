/** Names and meanings of the rankings, and how their values are written. */
import type { Ranking } from '../../run/ranking';
import { points, signed } from '../../text/format';

interface RankingText {
  readonly name: string;
  readonly meaning: string;
  readonly unit: string;
  readonly up: string;
  readonly down: string;
  readonly write: (value: number) => string;
}

const logits = (value: number) => signed(value, 3);

export const RANKING_TEXTS: Readonly<Record<Ranking, RankingText>> = {
  raw: {
    name: 'Raw shift',
    meaning: 'W·delta: what is added to each logit. The extremes are often tokens that never occur.',
    unit: 'logits',
    up: 'boosted',
    down: 'suppressed',
    write: logits,
  },
  centred: {
    name: 'Centred',
    meaning:
      'Shift minus its mean weighted by probability, which softmax ignores: above 0 gains, below loses.',
    unit: 'logits',
    up: 'boosted',
    down: 'suppressed',
    write: logits,
  },
  mass: {
    name: 'Mass moved',
    meaning: 'Probability gained or lost, averaged over the positions of the prompt, in percentage points.',
    unit: 'percentage points',
    up: 'gained',
    down: 'lost',
    write: points,
  },
};
