/** What is said of a table as a whole: unfinished, too small, at its floor or ceiling, cut answers. */
import { describe, expect, it } from 'vitest';
import { claims } from '../../../engine/statistics';
import { lane, table } from './compared';

describe('a table', () => {
  it('that is not finished says so first', () => {
    const [first, second] = claims(table([lane(24, 8)], { problems: 412, planned: 1319 }));
    expect(first).toMatch(/^412 of 1,319 problems so far: /);
    expect(second).toContain('answers more problems right');
    expect(claims(table([lane(0, 0)], { problems: 0, planned: 10 }))).toEqual([
      'No problem is finished in all lanes yet: nothing can be claimed.',
    ]);
  });

  it('of too few problems says that they show nothing', () => {
    expect(claims(table([lane(2, 0)], { problems: 5 })).join()).toContain(
      '5 problems cannot show any difference, however large.',
    );
  });

  it('at its floor says that nothing can be compared, and of a baseline at its ceiling that little can be gained', () => {
    const at = (right: number, b: number, c: number, problems = 100) =>
      claims(table([lane(b, c)], { problems, baseline: { name: 'baseline', right, capShare: 0 } }))[0];
    expect(at(0, 0, 0, 14)).toBe(
      'Every lane is at its floor (at most 0 % of 14 problems right): too hard, or not answered in the form asked for, ' +
        'so nothing can be compared.',
    );
    expect(at(1, 1, 0)).toContain('floor (at most 2 % of 100');
    expect(at(2, 0, 1)).toContain('floor (at most 2 % of 100');
    expect(at(1, 2, 0)).not.toContain('floor');
    expect(at(98, 1, 30)).toBe(
      'baseline is at its ceiling (98 % of 100 problems right): a lane can lose, and hardly gain.',
    );
    expect(at(97, 3, 0)).not.toContain('ceiling');
  });

  it('whose cap cut more than a few percent says of which lanes', () => {
    const input = table([lane(24, 8, { capShare: 0.31 }), lane(2, 1, { name: 'mean', capShare: 0.03 })]);
    const cut = { ...input, baseline: { ...input.baseline, capShare: 0.035 } };
    expect(claims(cut).at(-1)).toBe(
      'The cap on new tokens cut 3.5 % of baseline and 31 % of slot:5x0.1: a cut answer counts as it stands, ' +
        'so raise the cap before comparing accuracy.',
    );
    expect(claims(table([lane(24, 8, { capShare: 0.03 })])).join()).not.toContain('cap');
  });

  it('never writes a p on the wrong side of .05', () => {
    const of = (p: number) => claims(table([lane(14, 4, { p, corrected: { p, over: 1 } })]))[0];
    expect(of(0.04999)).toContain('p = .04999)');
    expect(of(0.05001)).toContain('p = .050)');
    expect(of(0.9999)).toContain('p = 1)');
  });
});
