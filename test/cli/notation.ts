/** Lanes read from their notation, and what is said of those that cannot be. */
import { type LaneDefaults, parseLanes } from '../../engine/cli/lanes';
import { EngineError } from '../../engine/protocol';

export const DEFAULTS: LaneDefaults = { steps: 5, lr: 0.1, preset: 'transformers' };

export function parse(text: string) {
  return parseLanes(text, DEFAULTS);
}

export function problemOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof EngineError) return `${error.message} | ${error.hint}`;
    throw error;
  }
  throw new Error('nothing was wrong');
}
