/** What a job has shown so far: rates with intervals, each lane against the baseline, and what may be claimed of it. */
import { setImmediate } from 'node:timers/promises';
import type { EvaluationLane, EvaluationSummary, LaneSummary, Problem, Rate } from '../protocol';
import { holm, passAt, wilson } from '../statistics';
import { claimsOf } from './claims';
import { compare, familyOf } from './comparison';
import { baselineOf } from './lanes';
import { type Halves, halvesOf } from './sweep';
import type { TalliedAnswer, Tally } from './tally';

/** Lanes on problems: all of them, or a sweep's on one half. */
interface Part {
  readonly lane: EvaluationLane;
  readonly half: LaneSummary['half'];
  readonly problems: readonly Problem[];
  readonly selected: boolean;
}

/** Draws for the graders beside the headline. */
const MAX_SIDE_DRAWS = 500;

/**
 * Lets other work of the process go on between two lanes.
 * @param draws of the bootstrap, by the headline grader
 */
export async function summarise(tally: Tally, draws: number): Promise<EvaluationSummary> {
  const halves = halvesOf(tally);
  const summaries: LaneSummary[] = [];
  for (const part of partsOf(tally, halves)) {
    summaries.push(laneSummary(tally, part, draws));
    await setImmediate();
  }
  const lanes = corrected(summaries);
  return {
    problems: tally.problems.length,
    lanes,
    claims: claimsOf(tally, lanes),
    subjects: subjectsOf(tally),
  };
}

function partsOf(tally: Tally, halves: Halves | undefined): Part[] {
  const { lanes, problems } = tally;
  if (!halves) return lanes.map((lane) => ({ lane, half: 'all', problems, selected: false }));
  const { choose, report, selected } = halves;
  const half = report.length > 0 ? 'choose' : 'all';
  const parts: Part[] = lanes.map((lane) => ({ lane, half, problems: choose, selected: lane === selected }));
  if (!selected || report.length === 0) return parts;
  for (const lane of [baselineOf(lanes), selected])
    parts.push({ lane, half: 'report', problems: report, selected: lane === selected });
  return parts;
}

function laneSummary(tally: Tally, { lane, half, problems, selected }: Part, draws: number): LaneSummary {
  const baseline = baselineOf(tally.lanes);
  const answers = problems.flatMap(({ id }) => tally.of(lane.name, id));
  const paired = problems.filter(
    ({ id }) => tally.of(lane.name, id).length > 0 && tally.of(baseline.name, id).length > 0,
  );
  const isBaseline = lane === baseline;
  const headline = tally.graders[0]!;
  const isRight = (answer: TalliedAnswer) => answer.verdicts.get(headline) === 'right';
  const strict = answers.filter((answer) => answer.strict);
  const { samples } = tally.config;
  const rate = (counts: (answer: TalliedAnswer) => boolean) => rateOf(answers, counts, samples);
  const tokens = (name: string) => (problem: Problem) =>
    meanOf(tally.of(name, problem.id).map((answer) => answer.tokens))!;
  const losses = answers.flatMap(({ loss }) => (loss ? [loss] : []));
  return {
    lane,
    selected,
    half,
    answers: answers.length,
    failed: answers.filter(({ end }) => end === 'failed').length,
    passAt: tally.config.passAt.map((k) => passAtOf(tally, lane, problems, k)),
    graders: tally.config.graders.map(({ name }) => ({
      grader: name,
      right: rate(({ verdicts }) => verdicts.get(name) === 'right'),
      undecided: answers.filter(({ verdicts }) => verdicts.get(name) === 'undecided').length,
      versus: isBaseline
        ? null
        : compare(tally, lane, paired, name, name === headline ? draws : Math.min(draws, MAX_SIDE_DRAWS)),
    })),
    strict: rate((answer) => answer.strict),
    lenient: rate((answer) => answer.lenient),
    rightGivenStrict: rateOf(strict, isRight, samples),
    meanTokens: meanOf(answers.map((answer) => answer.tokens)),
    tokensVersus: isBaseline
      ? null
      : meanOf(paired.map((problem) => tokens(lane.name)(problem) - tokens(baseline.name)(problem))),
    cut: rate(({ end }) => end === 'length'),
    loops: rate((answer) => answer.loops),
    unchanged: isBaseline ? null : unchanged(tally, lane, baseline, paired),
    loss:
      losses.length === 0
        ? null
        : [meanOf(losses.map(([before]) => before))!, meanOf(losses.map(([, after]) => after))!],
  };
}

/** Answers with the text of the baseline's answer of the same seed. */
function unchanged(
  tally: Tally,
  lane: EvaluationLane,
  baseline: EvaluationLane,
  problems: readonly Problem[],
): Rate {
  const pairs = problems.flatMap(({ id }) =>
    tally.of(lane.name, id).flatMap((answer) => {
      const other = tally.of(baseline.name, id).find(({ sample }) => sample === answer.sample);
      return other ? [answer.text === other.text] : [];
    }),
  );
  return rateOf(pairs, (isSame) => isSame, tally.config.samples);
}

/** Holm's correction within each family; what one lane was reported on is one test. */
function corrected(lanes: readonly LaneSummary[]): LaneSummary[] {
  return lanes.map((lane) => ({
    ...lane,
    graders: lane.graders.map((graded, at) => {
      const family = familyOf(lane, lanes);
      if (!graded.versus || family.length < 2) return graded;
      const ps = holm(family.map(({ graders }) => graders[at]!.versus!.p));
      return { ...graded, versus: { ...graded.versus, corrected: ps[family.indexOf(lane)]! } };
    }),
  }));
}

function subjectsOf(tally: Tally): EvaluationSummary['subjects'] {
  const subjects = [...new Set(tally.problems.flatMap(({ subject }) => subject ?? []))];
  const headline = tally.graders[0]!;
  return subjects.map((subject) => ({
    subject,
    lanes: tally.lanes.map(({ name }) => ({
      lane: name,
      right: rateOf(
        tally.problems
          .filter((problem) => problem.subject === subject)
          .flatMap(({ id }) => tally.of(name, id)),
        ({ verdicts }) => verdicts.get(headline) === 'right',
        tally.config.samples,
      ),
    })),
  }));
}

/** The interval is that of so many problems: answers to the same problem are no further evidence. */
function rateOf<T>(all: readonly T[], counts: (one: T) => boolean, samples: number): Rate {
  const count = all.filter(counts).length;
  const { lower, upper } = wilson(count / samples, all.length / samples);
  return { of: all.length, count, rate: all.length === 0 ? 0 : count / all.length, lower, upper };
}

function passAtOf(tally: Tally, { name }: EvaluationLane, problems: readonly Problem[], k: number) {
  const { samples } = tally.config;
  const headline = tally.graders[0]!;
  const rates = problems.flatMap(({ id }) => {
    const answers = tally.of(name, id);
    if (answers.length < samples) return [];
    const right = answers.filter(({ verdicts }) => verdicts.get(headline) === 'right').length;
    return [passAt(samples, right, k)];
  });
  return { k, of: rates.length, rate: meanOf(rates) ?? 0 };
}

/** Null of nothing. */
function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
