/** The sentences under a job's table. */
import type { EvaluationLane, LaneSummary } from '../protocol';
import {
  type ComparedLane,
  type ControlKind,
  claims,
  detectableDifference,
  holm,
  mcnemar,
} from '../statistics';
import { settingOf } from './lane-shifts';
import { baselineOf, type Tally } from './tally';

export function claimsOf(tally: Tally, lanes: readonly LaneSummary[]): string[] {
  const reported = lanes.some(({ half }) => half === 'report');
  const shown = reported ? lanes.filter(({ half }) => half === 'report') : lanes;
  const baseline = shown.find(({ lane }) => lane === baselineOf(tally.lanes));
  if (!baseline) return [];
  const { samples } = tally.config;
  const planned = tally.problems.length;
  const problems = Math.min(...shown.map(({ answers }) => Math.floor(answers / samples)));
  return claims({
    problems,
    planned,
    detectable: detectableDifference(problems),
    baseline: {
      name: baseline.lane.name,
      right: baseline.graders[0]!.right.count / samples,
      capShare: baseline.cut.rate,
    },
    lanes: shown.flatMap((summary) => compared(tally, summary, shown, reported)),
  });
}

function compared(
  tally: Tally,
  summary: LaneSummary,
  shown: readonly LaneSummary[],
  reported: boolean,
): ComparedLane[] {
  const { versus } = summary.graders[0]!;
  if (!versus) return [];
  const { lane, selected } = summary;
  const family = shown.filter(({ graders }) => graders[0]!.versus).length;
  const cells = tally.lanes.filter(({ steps }) => steps > 0).length;
  return [
    {
      name: lane.name,
      kind: lane.origin.kind,
      b: versus.b,
      c: versus.c,
      p: versus.p,
      corrected: { p: versus.corrected ?? versus.p, over: versus.corrected === null ? 1 : family },
      difference: versus.difference,
      lower: versus.lower,
      upper: versus.upper,
      capShare: summary.cut.rate,
      ...(selected ? { selected: { of: cells, on: reported ? 'other-half' : 'same' } as const } : {}),
      ...(lane.origin.kind === 'own' ? { controls: controlsOf(tally, lane) } : {}),
    },
  ];
}

/** A SLOT lane against each control made with its settings, on the problems that both have answered. */
function controlsOf(tally: Tally, lane: EvaluationLane): NonNullable<ComparedLane['controls']> {
  const grader = tally.graders[0]!;
  const controls = tally.lanes.filter(
    (other) => other.origin.kind !== 'own' && other.steps > 0 && settingOf(other) === settingOf(lane),
  );
  const tests = controls.map((control) => {
    let [b, c] = [0, 0];
    for (const { id } of tally.problems) {
      const [own, other] = [tally.score(lane.name, id, grader), tally.score(control.name, id, grader)];
      if (own === undefined || other === undefined) continue;
      if (own > other) b++;
      if (own < other) c++;
    }
    return { control, b, c, p: mcnemar(b, c) };
  });
  const corrected = holm(tests.map(({ p }) => p));
  return tests.map(({ control, b, c, p }, at) => ({
    name: control.name,
    kind: control.origin.kind as ControlKind,
    b,
    c,
    p,
    corrected: { p: corrected[at]!, over: tests.length },
  }));
}
