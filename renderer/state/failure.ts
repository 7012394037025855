/** What went wrong, as views tell it. */
import { toEngineError } from '../../engine/protocol';
import type { Failure } from '../run/run-view';

export function asFailure(thrown: unknown): Failure {
  const { kind, code, message, hint } = toEngineError(thrown);
  return { kind, code, message, hint };
}
