import { differences } from './claim-difference';
import { sampleSpecific } from './claim-sample';
import type { ClaimsInput } from './claims-input';
import { count, list, percent } from './words';

/** A cap that cuts more answers than this is said: what is compared then is partly who finishes in time. */
const CAP_SHARE = 0.03;

/** Within so much of no problem right, or of all, there is little to see. */
const EXTREME = 0.02;

/**
 * Sentences for the reader of a table of lanes: what may be claimed of it, and what not. A gain or a loss is claimed by
 * the corrected p of its paired test alone; a p that is not significant never says that there is no effect.
 */
export function claims(input: ClaimsInput): string[] {
  const { problems, planned, lanes } = input;
  if (problems === 0) return ['No problem is finished in all lanes yet: nothing can be claimed.'];
  return [
    ...(problems < planned
      ? [
          `${count(problems)} of ${count(planned)} problems so far: figures may change, and stopping when p happens to be small finds what is not there.`,
        ]
      : []),
    ...extremes(input),
    ...differences(input),
    ...sampleSpecific(lanes),
    ...cuts(input),
  ];
}

function extremes({ problems, baseline, lanes }: ClaimsInput): string[] {
  const rate = baseline.right / problems;
  const most = rate + Math.max(0, ...lanes.map(({ difference }) => difference));
  const of = `of ${count(problems)} problems right`;
  if (most <= EXTREME)
    return [
      `Every lane is at its floor (at most ${percent(most)} ${of}): too hard, or not answered in the form asked for, so nothing can be compared.`,
    ];
  if (rate >= 1 - EXTREME)
    return [`${baseline.name} is at its ceiling (${percent(rate)} ${of}): a lane can lose, and hardly gain.`];
  return [];
}

function cuts({ baseline, lanes }: ClaimsInput): string[] {
  const cut = [baseline, ...lanes].filter(({ capShare }) => capShare > CAP_SHARE);
  if (cut.length === 0) return [];
  const shares = list(cut.map(({ name, capShare }) => `${percent(capShare)} of ${name}`));
  return [
    `The cap on new tokens cut ${shares}: a cut answer counts as it stands, so raise the cap before comparing accuracy.`,
  ];
}
