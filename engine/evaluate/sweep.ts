/** A sweep: settings are chosen on one half of the problems and reported once on the other. */
import { half } from '../dataset/half';
import type { EvaluationLane, Problem } from '../protocol';
import { baselineOf } from './lanes';
import type { Tally } from './tally';

export interface Halves {
  readonly choose: readonly Problem[];
  /** Empty where a sweep is not split: all its problems are chosen on. */
  readonly report: readonly Problem[];
  /** Undefined until every lane has answered all problems it is chosen on. */
  readonly selected: EvaluationLane | undefined;
}

/** Undefined for a job that is no sweep. */
export function halvesOf(tally: Tally): Halves | undefined {
  const { sweep, selection } = tally.config;
  if (!sweep) return undefined;
  const isChosenOn = ({ id }: Problem) => !sweep.split || half(id, selection.salt) === 'choose';
  const choose = tally.problems.filter(isChosenOn);
  const report = tally.problems.filter((problem) => !isChosenOn(problem));
  return { choose, report, selected: selectLane(tally, choose) };
}

/** The lane with the most right answers; of equals the one with fewer steps, then the smaller rate, then the first. */
function selectLane(tally: Tally, problems: readonly Problem[]): EvaluationLane | undefined {
  const cells = tally.lanes.filter(({ steps, origin }) => steps > 0 && origin.kind === 'own');
  const grader = tally.graders[0]!;
  const samples = tally.config.samples;
  const isWhole = (lane: EvaluationLane) =>
    problems.every(({ id }) => tally.of(lane.name, id).length === samples);
  if (cells.length === 0 || !tally.lanes.every(isWhole)) return undefined;
  const score = (lane: EvaluationLane) =>
    problems.reduce((sum, { id }) => sum + (tally.score(lane.name, id, grader) ?? 0), 0);
  const scores = new Map(cells.map((lane) => [lane, score(lane)]));
  return cells.toSorted((a, b) => scores.get(b)! - scores.get(a)! || a.steps - b.steps || a.lr - b.lr)[0];
}

/** The lanes that a problem is asked with, by the problem's place; those of the second half once one is selected. */
export function lanesOf(tally: Tally): (index: number) => readonly EvaluationLane[] {
  const halves = halvesOf(tally);
  if (!halves) return () => tally.lanes;
  const chosenOn = new Set(halves.choose.map(({ id }) => id));
  const baseline = baselineOf(tally.lanes);
  const reported = halves.selected ? [baseline, halves.selected] : [];
  return (index) => (chosenOn.has(tally.problems[index]!.id) ? tally.lanes : reported);
}

/** How many answers the job has in all. */
export function totalOf(tally: Tally): number {
  const halves = halvesOf(tally);
  const { samples, lanes } = tally.config;
  if (!halves) return tally.problems.length * lanes.length * samples;
  return (halves.choose.length * lanes.length + halves.report.length * Math.min(2, lanes.length)) * samples;
}
