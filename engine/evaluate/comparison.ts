/** A lane against the baseline, problem by problem. */
import type { Comparison, EvaluationLane, GraderName, LaneSummary, Problem } from '../protocol';
import { bootstrapMean, mcnemar } from '../statistics';
import { baselineOf } from './lanes';
import type { Tally } from './tally';

/** So that a table says the same each time it is made. */
const SEED = 0;

/** @param problems that both have answered @param draws of the bootstrap */
export function compare(
  tally: Tally,
  lane: EvaluationLane,
  problems: readonly Problem[],
  grader: GraderName,
  draws: number,
): Comparison {
  const baseline = baselineOf(tally.lanes);
  const differences = Float64Array.from(
    problems,
    ({ id }) => tally.score(lane.name, id, grader)! - tally.score(baseline.name, id, grader)!,
  );
  const b = differences.filter((difference) => difference > 0).length;
  const c = differences.filter((difference) => difference < 0).length;
  const hasSubjects = problems.length > 0 && problems.every(({ subject }) => subject !== undefined);
  const clusters = hasSubjects ? { clusters: problems.map(({ subject }) => subject!) } : {};
  const interval =
    problems.length === 0
      ? { mean: 0, lower: 0, upper: 0 }
      : bootstrapMean(differences, { draws, seed: SEED, ...clusters });
  return {
    n: problems.length,
    b,
    c,
    p: mcnemar(b, c),
    corrected: null,
    difference: interval.mean,
    lower: interval.lower,
    upper: interval.upper,
  };
}

/**
 * The lanes that are compared with the baseline on the same problems to show the same thing: SLOT's settings, or the
 * controls. To run controls beside SLOT makes nothing that is said of SLOT less certain.
 */
export function familyOf(lane: LaneSummary, lanes: readonly LaneSummary[]): LaneSummary[] {
  const isOwn = ({ lane: { origin } }: LaneSummary) => origin.kind === 'own';
  return lanes.filter(
    (each) => each.half === lane.half && isOwn(each) === isOwn(lane) && each.graders[0]?.versus,
  );
}
