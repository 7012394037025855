/** Lanes and controls as an evaluation compares them with its baseline, over 100 problems. */
import {
  type ClaimsInput,
  type ComparedLane,
  type ControlKind,
  detectableDifference,
  mcnemar,
} from '../../../engine/statistics';

/** A lane that gains b problems and loses c of 100, its interval the normal one. */
export function lane(b: number, c: number, more: Partial<ComparedLane> = {}): ComparedLane {
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

export function control(name: string, kind: ControlKind, b: number, c: number) {
  const p = mcnemar(b, c);
  return { name, kind, b, c, p, corrected: { p, over: 1 } };
}

export function table(lanes: readonly ComparedLane[], more: Partial<ClaimsInput> = {}): ClaimsInput {
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
