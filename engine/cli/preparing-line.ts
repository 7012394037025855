/** How far a model's weights are that is being opened, on one line that is written over, or on a few that stay. */
import type { WriteStream } from 'node:tty';
import prettyBytes from 'pretty-bytes';
import { type Preparing, readableText } from '../protocol';
import { duration } from './duration';

/** Where no terminal shows progress as it moves, a line tells of each step of this many percent. */
const LINE_PERCENT = 25;

export function preparingLine(out: WriteStream): (preparing: Preparing | null) => void {
  let told = '';
  return (preparing) => {
    if (out.isTTY) {
      out.write(preparing ? `\r${readableText(wordsOf(preparing))}\u001b[K` : '\r\u001b[K');
      return;
    }
    const step = preparing && `${preparing.phase} ${Math.floor(percentOf(preparing) / LINE_PERCENT)}`;
    if (preparing && step !== told) out.write(`${readableText(wordsOf(preparing))}\n`);
    told = step ?? '';
  };
}

const DOING: Readonly<Record<Exclude<Preparing['phase'], 'waiting'>, string>> = {
  checking: 'checking what was prepared as',
  preparing: 'preparing',
  fetching: 'fetching the head of',
};

function wordsOf(preparing: Preparing): string {
  const { model, dtype, phase, total, secondsLeft } = preparing;
  if (phase === 'waiting') return `${model}: another process prepares ${dtype}; waiting for it`;
  const doing = DOING[phase];
  const left = secondsLeft === null ? '' : `, ${duration(secondsLeft)} left`;
  return `${model}: ${doing} ${dtype}, ${Math.floor(percentOf(preparing))} % of ${prettyBytes(total)}${left}`;
}

function percentOf({ done, total }: Preparing): number {
  return (100 * done) / total;
}
