/** The tokens that delta boosts and suppresses over a whole data set: the paper's analysis with its spread. */
import type { ResolvedGroup } from '../analysis/groups';
import { largest } from '../analysis/select';
import type { FigureToken, TokenFigure } from '../protocol';
import { bootstrapMean, correctForVocabulary, type Moments, signTest } from '../statistics';

const LISTED = 100;
const DRAWS = 2_000;

/** One lane's. */
export interface LaneMoments {
  readonly lane: string;
  /** Of the shift less its own mean over the vocabulary, and of the probability moved over the prompt's positions. */
  readonly centred: Moments;
  readonly massMoved: Moments;
  /** Sum over problems of what was taken off. */
  offset: number;
  /** By group, problem by problem: the mean centred shift of its tokens, and the mass moved to all of them. */
  readonly groups: Map<string, [number, number][]>;
}

export function figureOf(
  { lane, centred, massMoved, offset, groups: own }: LaneMoments,
  groups: readonly ResolvedGroup[],
  text: (id: number) => string,
): TokenFigure {
  const vocab = centred.mean.length;
  const corrected = correctForVocabulary(signTests(centred.up, centred.down));
  const sd = centred.sd;
  const token = (id: number): FigureToken => ({
    id,
    token: text(id),
    mean: centred.mean[id]! + (centred.count > 0 ? offset / centred.count : 0),
    centred: centred.mean[id]!,
    sd: sd[id]!,
    massMoved: massMoved.mean[id]!,
    up: centred.up[id]!,
    down: centred.down[id]!,
    corrected: corrected[id]!,
  });
  return {
    lane,
    problems: centred.count,
    vocab,
    boosted: largest(centred.mean, LISTED).map(token),
    suppressed: largest(
      centred.mean.map((mean) => -mean),
      LISTED,
    ).map(token),
    groups: groups.flatMap(({ name, ids }) => {
      const values = own.get(name);
      if (!values) return [];
      const shifts = values.map(([shift]) => shift);
      const { mean, lower, upper } = bootstrapMean(shifts, { draws: DRAWS, seed: 0 });
      const moved = values.reduce((sum, [, mass]) => sum + mass, 0) / values.length;
      return [{ name, tokens: ids.length, centred: mean, lower, upper, massMoved: moved }];
    }),
  };
}

/** A p for each token; few pairs of counts are different. */
function signTests(up: Uint32Array, down: Uint32Array): Float64Array {
  const known = new Map<string, number>();
  return Float64Array.from(up, (count, id) => {
    const key = `${count}/${down[id]!}`;
    const p = known.get(key) ?? signTest(count, down[id]!);
    known.set(key, p);
    return p;
  });
}
