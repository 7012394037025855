/** Curves over the steps of SLOT, one per adapting lane; the x axis counts updates of delta, 0 is before the first. */
import type { LaneView } from './run-view';

/** The part of a lane that SLOT changes and tokens do not. */
export type Adaptation = Pick<LaneView, 'name' | 'steps' | 'slot'>;

/** And what it was set up to do. */
export type SetAdaptation = Adaptation & Pick<LaneView, 'settings'>;

export interface Curve {
  /** The lane's name, and what of it where that is not all. */
  readonly lane: string;
  /** The place of the lane's curve that this one goes with, whose colour it has. */
  readonly beside?: number;
  readonly points: readonly { readonly step: number; readonly value: number }[];
}

/**
 * Mean cross-entropy in nats of the tokens learned from, then of those held out, where there are some; the last point is
 * the loss under the final delta.
 */
export function lossCurves(lanes: readonly Adaptation[]): Curve[] {
  const learned = curves(lanes, (lane) => {
    const losses = lane.steps.map((event) => event.loss);
    return lane.slot ? [...losses, lane.slot.finalLoss] : losses;
  });
  const heldOut = lanes.flatMap((lane, beside): Curve[] => {
    const losses = lane.steps.flatMap((event) => event.heldOutLoss ?? []);
    const final = lane.slot?.heldOutLoss?.final;
    const points = final === undefined ? losses : [...losses, final];
    if (points.length === 0) return [];
    const name = `${lane.name}, held out`;
    return [{ lane: name, beside, points: points.map((value, step) => ({ step, value })) }];
  });
  return [...learned, ...heldOut];
}

/**
 * The mean of KL(slot ‖ base) over what is learned from, nats, after each number of updates; of lanes that measure it
 * because something of theirs turns on it: a bound on it, or a held-out half.
 */
export function klCurves(lanes: readonly SetAdaptation[]): Curve[] {
  return lanes.map(({ name, settings, steps }) => {
    const isWatched = settings.klBudget !== undefined || settings.half !== undefined;
    const told = steps.flatMap(({ kl }, at) => (kl === undefined ? [] : [{ step: at + 1, value: kl }]));
    return { lane: name, points: isWatched && told.length > 0 ? [{ step: 0, value: 0 }, ...told] : [] };
  });
}

/** ‖delta‖ after each number of updates; it starts at 0. */
export function deltaNormCurves(lanes: readonly Adaptation[]): Curve[] {
  return curves(lanes, (lane) =>
    lane.steps.length > 0 ? [0, ...lane.steps.map((event) => event.deltaNorm)] : [],
  );
}

/** Norm of the gradient that each update follows, measured before it; a control follows none. */
export function gradientNormCurves(lanes: readonly Adaptation[]): Curve[] {
  return curves(lanes, (lane) => lane.steps.flatMap((event) => event.gradNorm ?? []));
}

/** Milliseconds that each update took; the first stands at 1. */
export function stepTimeCurves(lanes: readonly Adaptation[]): Curve[] {
  return lanes.map((lane) => ({
    lane: lane.name,
    points: lane.steps.map((event, at) => ({ step: at + 1, value: event.ms })),
  }));
}

function curves(lanes: readonly Adaptation[], values: (lane: Adaptation) => readonly number[]): Curve[] {
  return lanes.map((lane) => ({
    lane: lane.name,
    points: values(lane).map((value, step) => ({ step, value })),
  }));
}
