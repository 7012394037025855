/** What the system says against keeping something, in a line that says what to do. */
import { EngineError, failure } from '../protocol';
import { codeOf } from './retries';

/**
 * @param what cannot be stored, in words
 * @throws EngineError `store`, and what `work` throws of that kind
 */
export function guarded<T>(work: () => T, what = 'the run'): T {
  try {
    return work();
  } catch (error) {
    throw storeError(error, what);
  }
}

/**
 * A file system's error as one that says what to do; an EngineError as it is.
 * @param variable of the environment, which says where it is stored
 */
export function storeError(error: unknown, what: string, variable = 'SLOT_STUDIO_DATA'): EngineError {
  if (error instanceof EngineError) return error;
  const why = error instanceof Error ? error.message : String(error);
  return failure('store', `${what} cannot be stored: ${why}`, hintFor(codeOf(error), variable));
}

function hintFor(code: unknown, variable: string): string {
  switch (code) {
    case 'EBUSY':
    case 'EPERM':
    case 'EACCES':
      return `Close the program that has it open, give yourself the right to write there, or set ${variable} to another folder.`;
    case 'EROFS':
      return `Set ${variable} to a folder that can be written to.`;
    default:
      return `Free some space, or set ${variable} to another folder.`;
  }
}
