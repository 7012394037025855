/** The sentences under a job's table. */
import type { EvaluationLane, LaneSummary, Problem } from '../protocol';
import { type ComparedLane, type ControlKind, claims, detectableDifference, mcnemar } from '../statistics';
import { familyOf } from './comparison';
import { baselineOf, settingOf } from './lanes';
import { halvesOf } from './sweep';
import type { Tally } from './tally';

export function claimsOf(tally: Tally, lanes: readonly LaneSummary[]): string[] {
  const reported = lanes.some(({ half }) => half === 'report');
  const shown = reported ? lanes.filter(({ half }) => half === 'report') : lanes;
  const baseline = shown.find(({ lane }) => lane === baselineOf(tally.lanes));
  if (!baseline) return [];
  const { samples } = tally.config;
  const halves = halvesOf(tally);
  const asked = (reported ? halves?.report : halves?.choose) ?? tally.problems;
  const problems = Math.min(...shown.map(({ answers }) => Math.floor(answers / samples)));
  return claims({
    problems,
    planned: asked.length,
    detectable: detectableDifference(problems),
    baseline: {
      name: baseline.lane.name,
      // The baseline may be a problem ahead of the others.
      right: baseline.graders[0]!.right.rate * problems,
      capShare: baseline.cut.rate,
    },
    lanes: shown.flatMap((summary) => compared(tally, summary, shown, asked)),
  });
}

function compared(
  tally: Tally,
  summary: LaneSummary,
  shown: readonly LaneSummary[],
  asked: readonly Problem[],
): ComparedLane[] {
  const { versus } = summary.graders[0]!;
  if (!versus) return [];
  const { lane, selected, half } = summary;
  const family = familyOf(summary, shown).length;
  const cells = tally.lanes.filter(({ steps, origin }) => steps > 0 && origin.kind === 'own').length;
  const on = half === 'report' ? 'other-half' : 'same';
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
      ...(selected ? { selected: { of: cells, on } as const } : {}),
      ...(lane.origin.kind === 'own' ? { controls: controlsOf(tally, lane, asked) } : {}),
    },
  ];
}

/** Part of SLOT's delta is SLOT still, and a delta learned elsewhere says nothing of these settings. */
function isControl({ steps, origin: { kind } }: EvaluationLane): boolean {
  return steps > 0 && kind !== 'own' && kind !== 'scaled' && kind !== 'centred' && kind !== 'given';
}

/**
 * A SLOT lane against each control made with its settings, on the problems that both have answered. Nothing is corrected:
 * what is claimed of them is claimed of all together.
 */
function controlsOf(
  tally: Tally,
  lane: EvaluationLane,
  asked: readonly Problem[],
): NonNullable<ComparedLane['controls']> {
  const grader = tally.graders[0]!;
  const controls = tally.lanes.filter((other) => isControl(other) && settingOf(other) === settingOf(lane));
  return controls.map((control) => {
    let [b, c] = [0, 0];
    for (const { id } of asked) {
      const [own, other] = [tally.score(lane.name, id, grader), tally.score(control.name, id, grader)];
      if (own === undefined || other === undefined) continue;
      if (own > other) b++;
      if (own < other) c++;
    }
    const p = mcnemar(b, c);
    const kind = control.origin.kind as ControlKind;
    return { name: control.name, kind, b, c, p, corrected: { p, over: 1 } };
  });
}
