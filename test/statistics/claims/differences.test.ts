/** What may be said of a difference from the baseline, and what of none. */
import { describe, expect, it } from 'vitest';
import { claims } from '../../../engine/statistics';
import { lane, table } from './compared';

describe('a difference', () => {
  it('that is significant is claimed with b and c, p and interval', () => {
    expect(claims(table([lane(24, 8)]))[0]).toBe(
      'slot:5x0.1 answers more problems right than baseline: 24 problems gained and 8 lost (b 24, c 8; p = .0070), ' +
        '+16.0 points (95 % interval +5.4 to +26.6).',
    );
    expect(claims(table([lane(1, 40)]))).toEqual([
      'slot:5x0.1 answers fewer problems right than baseline: 1 problem gained and 40 lost (b 1, c 40; p < .0001), ' +
        '−39.0 points (95 % interval −49.0 to −29.0).',
    ]);
  });

  it('that is not significant is no absence of one', () => {
    const [sentence, ...more] = claims(table([lane(6, 4)]));
    expect(more).toEqual([]);
    expect(sentence).toBe(
      'slot:5x0.1: no difference from baseline can be claimed (b 6, c 4; p = .75). ' +
        'The answers fit anything from −4.2 to +8.2 points. ' +
        'With 100 problems, differences below 12.5 points could not have been seen reliably.',
    );
    expect(sentence).not.toMatch(/no effect|equal|same as/);
  });

  it('that only few changed problems show never reaches significance', () => {
    expect(claims(table([lane(5, 0)]))[0]).toContain(
      'Only 5 problems changed: fewer than 6 never reach p < .05.',
    );
    expect(claims(table([lane(6, 0)]))[0]).toContain('answers more problems right');
  });

  it('is not ruled out where no problem changed', () => {
    // 1 − .05^(1/100), the exact upper limit of a share of 0 in 100.
    expect(claims(table([lane(0, 0)]))[0]).toContain(
      'No problem changed, so up to 3 % of such problems may.',
    );
  });

  it('is claimed by the corrected p alone', () => {
    const corrected = { p: 0.104, over: 6 };
    expect(claims(table([lane(12, 3, { p: 0.035, corrected })]))[0]).toMatch(
      /no difference from baseline can be claimed \(b 12, c 3; p = \.035, after Holm over 6 comparisons p = \.10\)/,
    );
  });

  it('whose interval reaches 0 is borderline, and whose mean points the other way is none', () => {
    expect(claims(table([lane(14, 4, { lower: -0.001 })]))[0]).toContain('The interval reaches 0');
    const [sentence] = claims(table([lane(14, 4, { difference: -0.01 })]));
    expect(sentence).toContain('no difference from baseline can be claimed');
    expect(sentence).toContain('Counted by problems and by the mean, it points two ways.');
  });

  it('of a chosen cell says on which problems it was chosen', () => {
    const same = { selected: { of: 20, on: 'same' } } as const;
    expect(claims(table([lane(24, 8, same)]))[0]).toMatch(
      /chosen as the best of 20 cells on these same problems: expect less on others\.$/,
    );
    const other = { selected: { of: 20, on: 'other-half' } } as const;
    expect(claims(table([lane(6, 4, other)]))[0]).toMatch(
      /chosen among 20 cells on other problems and is reported once on these/,
    );
  });

  it('is one sentence for many lanes that show none, with the chosen one on its own', () => {
    const cells = Array.from({ length: 20 }, (_, i) => lane(i % 4, 2, { name: `cell ${i}` }));
    cells[19] = lane(9, 2, { name: 'cell 19', selected: { of: 20, on: 'same' } });
    const sentences = claims(table(cells));
    expect(sentences).toHaveLength(2);
    expect(sentences[0]).toMatch(/^cell 19: no difference/);
    expect(sentences[1]).toMatch(
      /^cell 0, cell 1, cell 2, cell 3, cell 4 and 14 more: no difference .* \(smallest p: b 0, c 2; p = \.50\)/,
    );
  });

  it('is one sentence for many lanes that show the same', () => {
    const cells = Array.from({ length: 5 }, (_, i) => lane(24 + i, 8, { name: `cell ${i}` }));
    expect(claims(table([...cells, lane(1, 40)])).slice(0, 2)).toEqual([
      'cell 0, cell 1, cell 2, cell 3 and cell 4 answer more problems right than baseline ' +
        '(largest p: b 24, c 8; p = .0070).',
      expect.stringContaining('answers fewer problems right'),
    ]);
    expect(claims(table(cells.slice(1))).filter((each) => each.includes('gained'))).toHaveLength(4);
  });

  it('names the lane with the smallest p, also where the correction makes all of them 1', () => {
    const corrected = { p: 1, over: 5 };
    const cells = [lane(3, 2), lane(8, 3), lane(5, 3), lane(1, 3), lane(4, 3)].map((each, i) => ({
      ...each,
      name: `cell ${i}`,
      corrected,
    }));
    expect(claims(table(cells))[0]).toContain(
      '(smallest p: b 8, c 3; p = .23, after Holm over 5 comparisons p = 1)',
    );
  });

  it('of controls is said as that of controls, and not by one where there is none', () => {
    const controls = ['random#1', 'random#2', 'minus', 'other', 'template'].map((name) =>
      lane(3, 2, { name, kind: 'random' }),
    );
    const sentences = claims(table([...controls, lane(6, 4), lane(3, 20, { name: 'mean', kind: 'mean' })]));
    expect(sentences).toHaveLength(3);
    expect(sentences[0]).toMatch(/^mean \(the mean delta\) answers fewer/);
    expect(sentences[1]).toMatch(/^slot:5x0.1: no difference .* \(b 6, c 4; p = \.75\)/);
    expect(sentences[2]).toMatch(
      /^random#1, random#2, minus, other and template: no difference .* \(smallest p: b 3, c 2; p = 1\)/,
    );
    expect(claims(table([lane(3, 2, { name: 'minus', kind: 'minus' })]))[0]).toMatch(
      /^minus: no difference from baseline can be claimed \(b 3, c 2; p = 1\)/,
    );
  });
});
