/** The system's errors in the folder of prepared models, in a line that says what to do. */
import { storeError } from '../../files/guarded';
import type { EngineError } from '../../protocol';

/** @param what cannot be stored, in words */
export function notStored(error: unknown, what = 'the prepared model'): EngineError {
  return storeError(error, what, 'SLOT_STUDIO_CACHE');
}
