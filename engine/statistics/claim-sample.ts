/** Whether a gain may be called specific to its sample: only where SLOT beats what else could have made it. */
import { CONTROLS, claimable, evidence } from './claim-difference';
import type { ComparedLane, ControlKind } from './claims-input';
import { ALPHA, list, probability } from './words';

type Control = NonNullable<ComparedLane['controls']>[number];

/**
 * All of them have to be beaten, each by its own test, so that the largest p is that of the whole claim
 * (intersection-union, Berger 1982).
 */
const REQUIRED: readonly ControlKind[] = ['random', 'other', 'template', 'mean'];
const RANDOM_DRAWS = 3;

/** Sentences for the own deltas whose gain may be claimed. */
export function sampleSpecific(lanes: readonly ComparedLane[]): string[] {
  const gains = lanes.filter((lane) => lane.kind === 'own' && claimable(lane) > 0);
  const bare = gains.filter((lane) => missing(lane).length === REQUIRED.length);
  const controlled = gains.filter((lane) => !bare.includes(lane));
  return [
    ...controlled.flatMap((lane) => [verdict(lane), ...otherCauses(lane)]),
    ...(bare.length > 0 ? [uncontrolled(bare)] : []),
  ];
}

function uncontrolled(lanes: readonly ComparedLane[]): string {
  const gains = `The ${lanes.length === 1 ? 'gain' : 'gains'} of ${list(lanes.map(({ name }) => name))}`;
  const controls = list(REQUIRED.map((kind) => CONTROLS[kind]));
  return `${gains} may not be called sample-specific: no controls were run (${controls}).`;
}

function verdict(lane: ComparedLane): string {
  const { name, selected } = lane;
  const lacking = missing(lane);
  const unbeaten = required(lane).filter((control) => !isBeaten(control));
  const reasons = [
    ...(lacking.length > 0 ? [`not run: ${list(lacking)}`] : []),
    ...(unbeaten.length > 0
      ? [
          `not shown to be beaten: ${list(unbeaten.map((control) => `${control.name} (${evidence(control)})`))}`,
        ]
      : []),
    ...(selected?.on === 'same' ? ['it was chosen on these same problems'] : []),
  ];
  if (reasons.length > 0)
    return `The gain of ${name} may not be called sample-specific: ${reasons.join('; ')}.`;
  const beaten = list(
    required(lane).map((control) => control.name),
    20,
  );
  const largest = Math.max(...required(lane).map(({ corrected }) => corrected.p));
  return `The gain of ${name} is sample-specific: on the same problems it beats ${beaten} (largest ${probability(largest)}).`;
}

/** What need not be beaten for "sample-specific", and is worth knowing where it was not. */
function otherCauses({ name, controls = [] }: ComparedLane): string[] {
  return controls.flatMap((control) => {
    if (isBeaten(control)) return [];
    const notBeaten = `${name} is not shown to beat ${CONTROLS[control.kind]} (${evidence(control)})`;
    if (control.kind === 'minus') return [`${notBeaten}: its direction may not be what helps.`];
    if (control.kind === 'temperature')
      return [`${notBeaten}: sharper probabilities alone may explain the gain.`];
    return [];
  });
}

function missing({ controls = [] }: ComparedLane): string[] {
  return REQUIRED.flatMap((kind) => {
    const run = controls.filter((control) => control.kind === kind).length;
    if (kind === 'random' && run > 0 && run < RANDOM_DRAWS)
      return [`${RANDOM_DRAWS - run} more of the ${RANDOM_DRAWS} random deltas`];
    return run === 0 ? [CONTROLS[kind]] : [];
  });
}

function required({ controls = [] }: ComparedLane): Control[] {
  return controls.filter(({ kind }) => REQUIRED.includes(kind));
}

function isBeaten({ b, c, corrected }: Control): boolean {
  return b > c && corrected.p < ALPHA;
}
