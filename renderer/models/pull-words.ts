/** A download in words: how far, how fast, how long still. */

import prettyBytes from 'pretty-bytes';
import type { Pull } from '../../engine/protocol';
import { assertNever } from '../ui/assert-never';
import { timeLeft } from '../ui/text/format';

/** From 0 to 1; null while its size is not known. */
export function shareDone({ bytes: all, done }: Pick<Pull, 'bytes' | 'done'>): number | null {
  return all > 0 ? Math.min(1, done / all) : null;
}

/** Never 100 % before the last byte. */
export function shareWords(share: number): string {
  return `${Math.floor(share * 100)} %`;
}

export function pullWords(pull: Pull): string {
  const share = shareDone(pull);
  const reached =
    share === null ? null : `${shareWords(share)} · ${prettyBytes(pull.done)} of ${prettyBytes(pull.bytes)}`;
  switch (pull.state) {
    case 'downloading': {
      if (reached === null) return 'Asking the hub for its files…';
      const speed = pull.bytesPerSecond === null ? null : `${prettyBytes(Math.round(pull.bytesPerSecond))}/s`;
      const left = pull.secondsLeft === null ? null : `about ${timeLeft(pull.secondsLeft)} left`;
      return [reached, speed, left].filter(Boolean).join(' · ');
    }
    case 'verifying':
      return `Checking ${prettyBytes(pull.bytes)} against the hub's checksums…`;
    case 'paused':
      return reached === null ? 'Paused' : `Paused at ${reached}`;
    case 'done':
      return `Finished: ${prettyBytes(pull.bytes)}, checksums right`;
    case 'failed':
      return reached === null ? 'Failed' : `Failed at ${reached}`;
    default:
      return assertNever(pull.state);
  }
}

/** Name and dtype, as far as one was asked for. */
export function pullName({ id, dtype }: Pick<Pull, 'id' | 'dtype'>): string {
  return dtype === null ? id : `${id} ${dtype}`;
}
