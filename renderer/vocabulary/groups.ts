/** Token groups as the views show them: their members, and what a step did to them together. */
import type { GroupDefinition } from '../../engine/protocol';
import { spreadOf } from './histogram';
import type { StepColumns } from './metrics';

export interface TokenGroup {
  readonly name: string;
  readonly ids: readonly number[];
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

/** The groups that the run did not follow itself: written since, or of another run. */
export function addedGroups(
  known: readonly TokenGroup[],
  definitions: readonly GroupDefinition[],
): GroupDefinition[] {
  const names = new Set(known.map(({ name }) => name));
  return definitions.filter(({ name }) => !names.has(name));
}
