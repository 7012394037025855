/** When a gain may be called sample-specific: which controls it must beat. */
import { describe, expect, it } from 'vitest';
import { type ComparedLane, claims } from '../../../engine/statistics';
import { control, lane, table } from './compared';

const BEATEN = [
  control('random#1', 'random', 20, 3),
  control('random#2', 'random', 21, 3),
  control('random#3', 'random', 22, 3),
  control('other', 'other', 19, 4),
  control('template', 'template', 18, 2),
  control('mean', 'mean', 16, 4),
];

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
