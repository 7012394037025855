/** Waits and tries again where Windows refuses for a moment. */

/** A virus scanner, an indexer or another program has the file open; a deleted folder's last file is not yet gone. */
const TRANSIENT: ReadonlySet<unknown> = new Set(['EPERM', 'EBUSY', 'EACCES', 'ENOTEMPTY']);
/** 1.3 s together. */
const RETRY_DELAYS_MS = [10, 20, 40, 80, 160, 320, 640];

/** What a test puts in place of the machine. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly sleep: (ms: number) => void;
}

const THIS_MACHINE: Machine = { platform: process.platform, sleep };

/** Other systems mean what they say: there the first refusal is thrown. */
export function withRetries<T>(work: () => T, { platform, sleep }: Machine = THIS_MACHINE): T {
  for (const delay of platform === 'win32' ? RETRY_DELAYS_MS : []) {
    try {
      return work();
    } catch (error) {
      if (!TRANSIENT.has(codeOf(error))) throw error;
      sleep(delay);
    }
  }
  return work();
}

/** Blocks the thread. */
export function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** A system error's code: ENOENT, EACCES … */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
