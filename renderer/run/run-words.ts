/** A stored run in words: its lanes, its outcome, its date. */
import { oneLine, type RunSummary, type StopReason } from '../../engine/protocol';

export function laneWords({ name, steps, lr, preset, origin }: RunSummary['lanes'][number]): string {
  const shown = oneLine(name, 40);
  if (steps === 0) return shown;
  // A control's name mostly is its kind.
  const kind = origin === 'own' || shown.includes(origin) ? '' : ` (${origin})`;
  if (origin === 'given') return `${shown}${kind}`;
  return `${shown}${kind} ${steps} × ${lr} ${preset}`;
}

/** Why an answer ended. */
export const ENDS: Readonly<Record<StopReason, string>> = {
  eos: 'end token',
  length: 'length limit',
  stop: 'stop text',
  cancelled: 'cut short',
};

export const OUTCOMES: Readonly<Record<RunSummary['outcome'], { sign: string; word: string; why: string }>> =
  {
    done: { sign: '✓', word: 'done', why: 'Every lane came to its end.' },
    cancelled: { sign: '◼', word: 'cancelled', why: 'Stopped by the user; what arrived before is kept.' },
    failed: { sign: '!', word: 'failed', why: 'Ended with an error; open it to read which.' },
    interrupted: {
      sign: '?',
      word: 'interrupted',
      why: 'The engine stopped before the run did, or it is still going on.',
    },
    damaged: { sign: '×', word: 'damaged', why: 'It cannot be shown; what is wrong stands beside it.' },
  };

/** Local time, sortable by eye. */
export function dateWords(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
