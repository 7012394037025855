/** Where the answers of a run's lanes part. */
import type { LaneView } from './run-view';

const ENDED = -1;

/**
 * The index of the first token at which the lanes differ; null while they agree as far as is known. A lane that
 * ended there by itself differs from one that writes on; one that was cut short tells nothing beyond its last token.
 */
export function firstDivergence(lanes: readonly LaneView[]): number | null {
  if (lanes.length < 2) return null;
  const longest = lanes.reduce((most, lane) => Math.max(most, lane.tokens.length), 0);
  for (let index = 0; index < longest; index++) {
    let seen: number | null = null;
    for (const lane of lanes) {
      const id = choiceAt(lane, index);
      if (id === null) continue;
      if (seen !== null && id !== seen) return index;
      seen = id;
    }
  }
  return null;
}

function choiceAt(lane: LaneView, index: number): number | null {
  const token = lane.tokens[index];
  if (token) return token.id;
  return lane.end?.reason === 'eos' ? ENDED : null;
}
