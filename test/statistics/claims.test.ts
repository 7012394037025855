import { describe, expect, it } from 'vitest';
import {
  type ClaimsInput,
  type ComparedLane,
  type ControlKind,
  claims,
  detectableDifference,
  mcnemar,
} from '../../engine/statistics';

/** A lane that gains b problems and loses c of 100, its interval the normal one. */
function lane(b: number, c: number, more: Partial<ComparedLane> = {}): ComparedLane {
  const p = mcnemar(b, c);
  const difference = (b - c) / 100;
  const half = 1.96 * Math.sqrt((b + c) / 100 / 100 - difference ** 2 / 100);
  return {
    name: 'slot:5x0.1',
    kind: 'own',
    b,
    c,
    p,
    corrected: { p, over: 1 },
    difference,
    lower: difference - half,
    upper: difference + half,
    capShare: 0,
    ...more,
  };
}

function control(name: string, kind: ControlKind, b: number, c: number) {
  const p = mcnemar(b, c);
  return { name, kind, b, c, p, corrected: { p, over: 1 } };
}

function table(lanes: readonly ComparedLane[], more: Partial<ClaimsInput> = {}): ClaimsInput {
  const { problems = 100 } = more;
  return {
    problems,
    planned: problems,
    detectable: detectableDifference(problems),
    baseline: { name: 'baseline', right: 50, capShare: 0 },
    lanes,
    ...more,
  };
}

const BEATEN = [
  control('random#1', 'random', 20, 3),
  control('random#2', 'random', 21, 3),
  control('random#3', 'random', 22, 3),
  control('other', 'other', 19, 4),
  control('template', 'template', 18, 2),
  control('mean', 'mean', 16, 4),
];

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

describe('sample-specific', () => {
  const of = (controls: ComparedLane['controls'], more: Partial<ComparedLane> = {}) =>
    claims(table([lane(24, 8, { ...(controls ? { controls } : {}), ...more })])).slice(1);

  it('is a gain that beats random, other, template and mean', () => {
    expect(of(BEATEN)).toEqual([
      'The gain of slot:5x0.1 is sample-specific: on the same problems it beats random#1, random#2, random#3, other, ' +
        'template and mean (largest p = .012).',
    ]);
  });

  it.each([
    ['other', "another problem's delta"],
    ['template', "the template's delta"],
    ['mean', 'the mean delta'],
    ['random', 'a random delta of the same norm'],
  ])('is not said where %s was not run', (kind, named) => {
    expect(of(BEATEN.filter((each) => each.kind !== kind))).toEqual([
      `The gain of slot:5x0.1 may not be called sample-specific: not run: ${named}.`,
    ]);
  });

  it('is not said of fewer than three random draws, or without controls', () => {
    expect(of(BEATEN.slice(1))).toEqual([
      'The gain of slot:5x0.1 may not be called sample-specific: not run: 1 more of the 3 random deltas.',
    ]);
    for (const none of [undefined, [], [control('minus', 'minus', 30, 2)]]) {
      expect(of(none)).toEqual([
        'The gain of slot:5x0.1 may not be called sample-specific: no controls were run (a random delta of the same norm, ' +
          "another problem's delta, the template's delta and the mean delta).",
      ]);
    }
  });

  it('is not said of several gains in one sentence, where none has controls', () => {
    const lanes = ['a', 'b', 'c'].map((name) => lane(24, 8, { name }));
    expect(claims(table(lanes)).at(-1)).toMatch(
      /^The gains of a, b and c may not be called sample-specific: no controls were run/,
    );
  });

  it.each(BEATEN.map(({ name }, at) => [name, at] as const))(
    'is not said where %s is not beaten',
    (_, at) => {
      const unbeaten = BEATEN.map((each, i) => (i === at ? control(each.name, each.kind, 9, 8) : each));
      const losing = BEATEN.map((each, i) => (i === at ? control(each.name, each.kind, 3, 30) : each));
      expect(of(unbeaten)).toEqual([
        `The gain of slot:5x0.1 may not be called sample-specific: not shown to be beaten: ${BEATEN[at]!.name} (b 9, c 8; p = 1).`,
      ]);
      expect(of(losing)[0]).toContain('not shown to be beaten');
    },
  );

  it('is not said of a cell chosen on the same problems', () => {
    expect(of(BEATEN, { selected: { of: 4, on: 'same' } })).toEqual([
      'The gain of slot:5x0.1 may not be called sample-specific: it was chosen on these same problems.',
    ]);
    expect(of(BEATEN, { selected: { of: 4, on: 'other-half' } })[0]).toContain('is sample-specific');
  });

  it('says nothing where there is no gain to explain', () => {
    const controls = BEATEN;
    expect(claims(table([lane(6, 4, { controls })])).join()).not.toContain('sample-specific');
    expect(claims(table([lane(4, 30, { controls })])).join()).not.toContain('sample-specific');
  });

  it('leaves direction and sharpening open where minus and temperature are not beaten', () => {
    const controls = [...BEATEN, control('minus', 'minus', 9, 8), control('warm', 'temperature', 5, 5)];
    expect(of(controls).slice(1)).toEqual([
      'slot:5x0.1 is not shown to beat the opposite delta (b 9, c 8; p = 1): its direction may not be what helps.',
      'slot:5x0.1 is not shown to beat the matched temperature (b 5, c 5; p = 1): sharper probabilities alone may explain the gain.',
    ]);
  });
});

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
