/** Where answers part, from what is known of each lane at the time. */
import { describe, expect, it } from 'vitest';
import { firstDivergence } from '../../../renderer/run/divergence';
import { reduceEvents } from '../../../renderer/run/reduce-run';
import { EMPTY_RUN } from '../../../renderer/run/run-view';
import { COMPLETE_RUN, laneDone, STARTED, token } from '../run-events';

function divergence(
  baseline: number[],
  slot: number[],
  ends: 'none' | 'eos' | 'length' | 'cancelled' = 'none',
) {
  const write = (lane: string, ids: number[]) => ids.map((id, index) => token(lane, index, id, `${id}`));
  const view = reduceEvents(EMPTY_RUN, [
    STARTED,
    ...write('baseline', baseline),
    ...write('slot', slot),
    ...(ends === 'none' ? [] : [laneDone('baseline', '', baseline, ends)]),
  ]);
  return firstDivergence(view.lanes);
}

describe('first divergence', () => {
  it('is the first token at which two lanes differ', () => {
    expect(divergence([1, 2, 3], [1, 9, 3])).toBe(1);
    expect(divergence([5], [6])).toBe(0);
    expect(firstDivergence(reduceEvents(EMPTY_RUN, COMPLETE_RUN).lanes)).toBe(1);
  });

  it('is unknown while one lane is only ahead', () => {
    expect(divergence([1, 2, 3], [1])).toBeNull();
    expect(divergence([], [1, 2])).toBeNull();
  });

  it('is where one lane ends by itself and the other writes on', () => {
    expect(divergence([1, 2], [1, 2, 3], 'eos')).toBe(2);
  });

  it('is not where a lane was cut short', () => {
    expect(divergence([1, 2], [1, 2, 3], 'length')).toBeNull();
    expect(divergence([1, 2], [1, 2, 3], 'cancelled')).toBeNull();
  });

  it('needs two lanes', () => {
    expect(firstDivergence([])).toBeNull();
  });
});
