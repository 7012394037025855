/** Hidden states as servers give them. */
import { failure } from '../protocol';

/** @returns them @throws EngineError for one that is no finite number */
export function finite(host: string, states: Float32Array): Float32Array {
  // A plain loop: this is read for every answer.
  for (let i = 0; i < states.length; i++) {
    if (Number.isFinite(states[i]!)) continue;
    throw failure(
      'server-not-finite',
      `${host} gives hidden states that are no finite numbers`,
      'Its weights are damaged, or its arithmetic overflows: try another file or a float32 cache.',
    );
  }
  return states;
}
