/** What may be said of a lane's difference from the baseline. */
import type { ClaimsInput, ComparedLane, ControlKind, PairedTest } from './claims-input';
import { ALPHA, count, counted, list, percent, points, probability, signed } from './words';

export const CONTROLS: Record<ControlKind, string> = {
  minus: 'the opposite delta',
  scaled: 'a multiple of its delta',
  centred: 'its delta without the mean shift',
  given: 'a given delta',
  random: 'a random delta of the same norm',
  other: "another problem's delta",
  template: "the template's delta",
  mean: 'the mean delta',
  temperature: 'the matched temperature',
};

/** Below so many problems that change, no p is below .05: 2·2^−5 = .0625. */
const FEWEST_CHANGED = 6;

/** More lanes than these, of which the same may be said, share one sentence. */
const MAX_SINGLE = 4;

/** Whether it does better (1) or worse (−1) by the test and by the mean alike; 0 where that may not be claimed. */
export function claimable(lane: ComparedLane): -1 | 0 | 1 {
  const { b, c, difference } = lane;
  if (lane.corrected.p >= ALPHA) return 0;
  if (b > c && difference > 0) return 1;
  return b < c && difference < 0 ? -1 : 0;
}

/** "b 24, c 8; p = .007, after Holm over 6 comparisons p = .021" */
export function evidence({ b, c, p, corrected }: PairedTest): string {
  const alone = `b ${count(b)}, c ${count(c)}; ${probability(p)}`;
  if (corrected.over === 1) return alone;
  return `${alone}, after Holm over ${count(corrected.over)} comparisons ${probability(corrected.p)}`;
}

/** What may be claimed, then what may not; a lane that was chosen always has a sentence of its own. */
export function differences(input: ClaimsInput): string[] {
  return ([1, -1, 0] as const).flatMap((direction) => {
    const lanes = input.lanes.filter((lane) => claimable(lane) === direction);
    // That a control shows no difference is what is expected of it.
    const telling = direction === 0 ? lanes.filter(({ kind }) => kind === 'own') : lanes;
    const single = lanes.filter(
      (lane) => lane.selected || (telling.length <= MAX_SINGLE && telling.includes(lane)),
    );
    const grouped = lanes.filter((lane) => !single.includes(lane));
    const [one, many] = direction === 0 ? [noDifference, noDifferences] : [difference, sameDifferences];
    return [...single.map((lane) => one(lane, input)), ...(grouped.length > 0 ? [many(grouped, input)] : [])];
  });
}

function difference(lane: ComparedLane, { baseline }: ClaimsInput): string {
  const { b, c, lower, upper } = lane;
  const better = claimable(lane) > 0;
  const reaches = lower <= 0 && upper >= 0;
  return [
    `${titled(lane)} answers ${better ? 'more' : 'fewer'} problems right than ${baseline.name}:`,
    `${counted(b, 'problem')} gained and ${count(c)} lost (${evidence(lane)}),`,
    `${points(lane.difference)} (95 % interval ${signed(lower)} to ${signed(upper)}).`,
    ...(reaches ? ['The interval reaches 0: take it as borderline.'] : []),
    ...choice(lane),
  ].join(' ');
}

function noDifference(lane: ComparedLane, input: ClaimsInput): string {
  const { b, c, lower, upper } = lane;
  const changed = b + c;
  const fits =
    changed === 0
      ? `No problem changed, so up to ${percent(1 - ALPHA ** (1 / input.problems))} of such problems may.`
      : `The answers fit anything from ${signed(lower)} to ${points(upper)}.`;
  return [
    `${titled(lane)}: no difference from ${input.baseline.name} can be claimed (${evidence(lane)}).`,
    ...(lane.corrected.p < ALPHA ? ['Counted by problems and by the mean, it points two ways.'] : []),
    fits,
    ...(changed > 0 && changed < FEWEST_CHANGED
      ? [`Only ${counted(changed, 'problem')} changed: fewer than ${FEWEST_CHANGED} never reach p < .05.`]
      : []),
    unseen(input),
    ...choice(lane),
  ].join(' ');
}

function sameDifferences(lanes: readonly ComparedLane[], { baseline }: ClaimsInput): string {
  const least = lanes.toSorted(byEvidence).at(-1)!;
  const better = claimable(least) > 0;
  const names = list(lanes.map(({ name }) => name));
  return `${names} ${lanes.length > 1 ? 'answer' : 'answers'} ${better ? 'more' : 'fewer'} problems right than ${baseline.name} (largest p: ${evidence(least)}).`;
}

function noDifferences(lanes: readonly ComparedLane[], input: ClaimsInput): string {
  const most = lanes.toSorted(byEvidence)[0]!;
  const tests = `${lanes.length > 1 ? 'smallest p: ' : ''}${evidence(most)}`;
  return `${list(lanes.map(({ name }) => name))}: no difference from ${input.baseline.name} can be claimed (${tests}). ${unseen(input)}`;
}

/** The strongest first; where a correction makes several p 1, by what they were before. */
function byEvidence(a: ComparedLane, b: ComparedLane): number {
  return a.corrected.p - b.corrected.p || a.p - b.p;
}

function unseen({ problems, detectable }: ClaimsInput): string {
  if (detectable === null)
    return `${counted(problems, 'problem')} cannot show any difference, however large.`;
  const size = (100 * detectable).toFixed(1);
  return `With ${counted(problems, 'problem')}, differences below ${size} points could not have been seen reliably.`;
}

function choice({ selected }: ComparedLane): string[] {
  if (!selected) return [];
  const cells = counted(selected.of, 'cell');
  return [
    selected.on === 'same'
      ? `It was chosen as the best of ${cells} on these same problems: expect less on others.`
      : `It was chosen among ${cells} on other problems and is reported once on these: the choice does not flatter it.`,
  ];
}

/** A control says what it is. */
function titled({ name, kind }: ComparedLane): string {
  return kind === 'own' ? name : `${name} (${CONTROLS[kind]})`;
}
