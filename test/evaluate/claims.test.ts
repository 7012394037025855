/** What a job's answers become under its table: which tests make a family, which problems count, and how often. */
import { expect, it } from 'vitest';
import { summarise } from '../../engine/evaluate/summary';
import { Tally } from '../../engine/evaluate/tally';
import { type AnswerRecord, EvaluationConfig, type EvaluationConfigInput } from '../../engine/protocol';
import { holm, mcnemar, wilson } from '../../engine/statistics';

const BASELINE = { name: 'baseline', steps: 0 };
const SLOT = { name: 'slot', steps: 2 };
const CONTROLS: EvaluationConfigInput['lanes'] = [
  ...[1, 2, 3].map((seed) => ({
    name: `random ${seed}`,
    steps: 2,
    origin: { kind: 'random' as const, seed },
  })),
  { name: 'other', steps: 2, origin: { kind: 'other' } },
  { name: 'template', steps: 2, origin: { kind: 'template' } },
  { name: 'mean', steps: 2, origin: { kind: 'mean', problems: 8 } },
];

type IsRight = (lane: string, problem: number, sample: number) => boolean;

function summaryOf(problems: number, isRight: IsRight, more: Partial<EvaluationConfigInput> = {}) {
  const config = EvaluationConfig.parse({
    dataset: { kind: 'named', name: 'starter' },
    form: { kind: 'preset', name: 'starter' },
    graders: [{ name: 'number' }],
    lanes: [BASELINE, SLOT],
    ...more,
  });
  const asked = Array.from({ length: problems }, (_, i) => ({ id: String(i), question: '?', gold: '1' }));
  const answers = asked.flatMap(({ id }, i) =>
    config.lanes.flatMap(({ name }) =>
      Array.from({ length: config.samples }, (_, sample) =>
        answer(id, name, sample, isRight(name, i, sample)),
      ),
    ),
  );
  return summarise(new Tally(config, asked, answers), 200);
}

function answer(problem: string, lane: string, sample: number, right: boolean): AnswerRecord {
  return {
    problem,
    lane,
    sample,
    text: right ? '1' : '2',
    end: 'eos',
    tokens: 1,
    loops: false,
    promptTokens: 1,
    seed: 0,
    loss: null,
    deltaNorm: 0,
    entropy: null,
    grades: { number: { verdict: right ? 'right' : 'wrong', extracted: null } },
    format: { strict: true, lenient: true },
  };
}

/** SLOT answers the first 30 of 40 right, the baseline and the controls 15 of these. */
const gains: IsRight = (lane, problem) => problem < (lane === 'slot' ? 30 : 15);

it('controls beside SLOT leave its p as it is, and are a family of their own', async () => {
  const { lanes, claims } = await summaryOf(40, gains, { lanes: [BASELINE, SLOT, ...CONTROLS] });
  const versus = (name: string) => lanes.find(({ lane }) => lane.name === name)!.graders[0]!.versus!;
  expect(versus('slot')).toMatchObject({ b: 15, c: 0, p: mcnemar(15, 0), corrected: null });
  expect(versus('mean').corrected).toBe(holm(new Array(6).fill(1))[0]);
  expect(claims.join('\n')).toMatch(/^slot answers more problems right than baseline: 15 problems gained/m);
  expect(claims.join('\n')).toMatch(/^The gain of slot is sample-specific: .* other, template and mean/m);
});

it("SLOT's settings are corrected together", async () => {
  const { lanes } = await summaryOf(40, gains, { lanes: [BASELINE, SLOT, { name: 'more', steps: 3 }] });
  const [, slot, more] = lanes.map(({ graders }) => graders[0]!.versus);
  expect([slot!.corrected, more!.corrected]).toEqual(holm([mcnemar(15, 0), 1]));
});

it('several answers to a problem make an interval no narrower than its problems do', async () => {
  const { lanes } = await summaryOf(20, (_, problem) => problem < 8, { samples: 16 });
  const { right } = lanes[0]!.graders[0]!;
  expect(right).toMatchObject({ of: 320, count: 128, rate: 0.4, ...wilson(8, 20) });
});

it('a sweep that is done is not told as one that goes on, on whichever half', async () => {
  const lanes = [BASELINE, SLOT, { name: 'more', steps: 3 }];
  const { claims } = await summaryOf(60, (lane, problem) => lane === 'slot' && problem % 2 === 0, {
    lanes,
    sweep: {},
  });
  expect(claims.join('\n')).not.toContain('so far');
  expect(claims.join('\n')).toContain('slot answers more problems right');
  expect(claims.join('\n')).toContain('chosen among 2 cells on other problems');
  const whole = await summaryOf(60, () => false, { lanes, sweep: { split: false } });
  expect(whole.claims.join('\n')).toContain('chosen as the best of 2 cells on these same problems');
});
