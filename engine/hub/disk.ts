/** The disk under the cache: whether there is room, and what its errors mean. */
import { dirname, join } from 'node:path';
import { codeOf } from '../files/retries';
import { checkSpace as checkRoom } from '../files/space';
import { EngineError, failure } from '../protocol';

/** @throws EngineError `disk-full` where `bytes` more do not fit */
export function checkSpace(folder: string, bytes: number): void {
  checkRoom(folder, bytes, 'Free some space, choose a smaller dtype, or set HF_HOME to another disk.');
}

/** A file system's error in a line; anything else as it is. */
export function diskError(error: unknown, path: string): unknown {
  if (error instanceof EngineError || !(error instanceof Error) || !('code' in error)) return error;
  switch (error.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return failure(
        'disk-full',
        `the disk is full where ${dirname(path)} is`,
        'Free some space and pull again: what has arrived is kept.',
      );
    case 'EFBIG':
      return failure(
        'file-too-large',
        `no file may be so large where ${dirname(path)} is`,
        'Choose a smaller dtype, or set HF_HOME to a disk with another file system.',
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return failure(
        'no-permission',
        `${dirname(path)} may not be written`,
        'Change its permissions, or set HF_HOME to a folder of your own.',
      );
    case 'ENOENT':
    case 'ENOTDIR':
      return failure(
        'cache-gone',
        `the cache folder went away while it was written: ${dirname(path)}`,
        'Connect its drive again, then pull again.',
      );
    default:
      return failure('disk', `${dirname(path)} cannot be written (${String(error.code)})`, 'Check the disk.');
  }
}

/**
 * What a file system says against deleting. Windows keeps a file while a program has it open or mapped, as
 * onnxruntime does with weights.
 */
export function deletionError(error: unknown, folder: string, platform = process.platform): unknown {
  const code = codeOf(error);
  if (code !== 'EBUSY' && !(platform === 'win32' && (code === 'EPERM' || code === 'EACCES')))
    return diskError(error, join(folder, 'file'));
  const path = error instanceof Error && 'path' in error ? String(error.path) : folder;
  return failure(
    'in-use',
    `${path} cannot be deleted while a program has it open: another window of SLOT Studio, or the command line`,
    'Close the model there, then delete it again: what is left of it is still listed.',
  );
}
