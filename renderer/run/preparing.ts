/** How far a model's weights are that are prepared while it opens, in words. */
import prettyBytes from 'pretty-bytes';
import type { Preparing } from '../../engine/protocol';
import { timeLeft } from '../ui/text/format';

/** From 0 to 1; null while another process is at it, of which nothing is known. */
export function preparingShare({ phase, done, total }: Preparing): number | null {
  return phase === 'waiting' || total === 0 ? null : Math.min(1, done / total);
}

const DOING: Readonly<Record<Exclude<Preparing['phase'], 'waiting'>, (name: string) => string>> = {
  checking: (name) => `Checking ${name}`,
  preparing: (name) => `Preparing ${name} once`,
  fetching: (name) => `Fetching the head of ${name} once`,
};

export function preparingWords(preparing: Preparing): string {
  const { model, dtype, phase, total, secondsLeft } = preparing;
  const name = `${model} ${dtype}`;
  if (phase === 'waiting') return `Another process prepares ${name}; waiting for it`;
  const doing = DOING[phase](name);
  const share = `${Math.floor(100 * (preparingShare(preparing) ?? 0))} % of ${prettyBytes(total)}`;
  const left = secondsLeft === null ? [] : [`about ${timeLeft(secondsLeft)} left`];
  return [doing, share, ...left].join(' · ');
}
