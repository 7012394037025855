/** What lanes of a job are to each other. */
import { type EvaluationLane, learningKey } from '../protocol';

/** What the other lanes are compared with: the first without steps, or the first. */
export function baselineOf(lanes: readonly EvaluationLane[]): EvaluationLane {
  return lanes.find(({ steps }) => steps === 0) ?? lanes[0]!;
}

/** Whose answer a lane of matched temperature waits for. */
export function leaderOf(lane: EvaluationLane, lanes: readonly EvaluationLane[]): EvaluationLane | undefined {
  if (lane.origin.kind !== 'temperature' || lane.steps === 0) return undefined;
  return lanes.find((other) => other.origin.kind === 'own' && settingOf(other) === settingOf(lane));
}

/** What a delta is known by among those of one prompt. */
export function settingOf(lane: EvaluationLane): string {
  return `${learningKey(lane)}×${lane.steps}`;
}
