/** Token groups as the views show them: their members, and what a step did to them together. */
import { distinctName, type GroupDefinition, writeMembers } from '../../../engine/protocol';
import { spreadOf } from './histogram';
import type { StepColumns } from './metrics';

export interface TokenGroup {
  readonly name: string;
  readonly ids: readonly number[];
  /** Why its members could not be found. */
  readonly problem?: string;
}

export interface GroupFigures {
  readonly name: string;
  readonly count: number;
  readonly mean: number;
  readonly sigma: number;
  readonly low: number;
  readonly high: number;
  /** Sum over the members, of probability over the prompt. */
  readonly massMoved: number;
}

/** @param values [V] of the metric that mean and spread are of */
export function groupFigures(group: TokenGroup, values: Float32Array, step: StepColumns): GroupFigures {
  const { low, high, mean, sigma } = spreadOf(group.ids.map((id) => values[id] ?? Number.NaN));
  const massMoved = group.ids.reduce((sum, id) => sum + (step.mass[id] ?? 0), 0);
  return { name: group.name, count: group.ids.length, mean, sigma, low, high, massMoved };
}

/**
 * The groups that the run did not follow itself: written or changed since, or of another run. Those whose name is taken
 * are told apart by it.
 * @param followed the run's own definitions
 */
export function addedGroups(
  known: readonly Pick<TokenGroup, 'name'>[],
  followed: readonly GroupDefinition[],
  definitions: readonly GroupDefinition[],
): GroupDefinition[] {
  const isFollowed = (own: GroupDefinition) =>
    followed.some((each) => each.name === own.name && writeMembers(each) === writeMembers(own));
  const names = known.map(({ name }) => name);
  return definitions
    .filter((own) => !isFollowed(own))
    .map((own) => {
      const mark = followed.some(({ name }) => name === own.name) ? 'changed' : 'own';
      const name = distinctName(own.name, names, mark);
      names.push(name);
      return { ...own, name };
    });
}
