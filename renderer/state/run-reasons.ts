/** Why a run cannot start now, in words, and which field to go to. */
import type { EngineState } from '../engine/engine-client';
import type { DraftCheck, FieldId } from './draft';

const FIELD_NAMES: Readonly<Record<string, string>> = {
  steps: 'Steps',
  lr: 'Learning rate',
  weightDecay: 'Weight decay',
  factor: 'Factor',
  others: 'Other prompt',
  scope: 'Scope',
  beta1: 'Beta 1',
  beta2: 'Beta 2',
  eps: 'Epsilon',
  half: 'Held-out seed',
  klBudget: 'KL budget',
  maxNewTokens: 'Max new tokens',
  temperature: 'Temperature',
  topP: 'Top-p',
  seed: 'Seed',
  listLength: 'Listed tokens',
  name: 'Group name',
  words: 'Group words',
  variable: 'Template variable',
  value: 'Template variable',
  date: 'Day',
};

export interface RunObstacle {
  readonly reason: string;
  readonly field: FieldId | null;
  /** Something to correct, as opposed to something still to be done. */
  readonly isWrong: boolean;
}

export function runObstacle(check: DraftCheck, engine: EngineState): RunObstacle | null {
  if (engine.state === 'connecting')
    return { reason: 'Connecting to the engine…', field: null, isWrong: false };
  if (engine.state === 'lost') return { reason: 'No connection to the engine.', field: null, isWrong: true };
  for (const [field, problem] of check.problems) {
    const part = field.split('.').at(-1) ?? '';
    const name = /^lanes\.\d+\.name$/.test(field) ? 'Lane name' : FIELD_NAMES[part];
    return {
      reason: name ? `${name}: ${problem.charAt(0).toLowerCase()}${problem.slice(1)}` : problem,
      field,
      isWrong: field !== 'prompt',
    };
  }
  return null;
}

/** The id of the input that holds a field, for labels, focus and error texts. */
export function inputId(field: FieldId): string {
  return `field-${field.replaceAll('.', '-')}`;
}
