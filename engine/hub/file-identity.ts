/** Which file a path leads to: the same for every link to it, symbolic or hard, however it is reached. */
import { statSync } from 'node:fs';

export function identity(path: string): string {
  const { dev, ino } = statSync(path, { bigint: true });
  return `${dev}:${ino}`;
}
