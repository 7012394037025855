/** Arrow keys go from one model's name to the next, in any of the manager's lists. */
import type { KeyboardEvent } from 'react';

export function moveBetweenNames(event: KeyboardEvent<HTMLElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0 || !(event.target instanceof HTMLElement) || !event.target.matches('.model-row__name'))
    return;
  event.preventDefault();
  const names = [...event.currentTarget.querySelectorAll<HTMLElement>('.model-row__name')];
  names[names.indexOf(event.target) + step]?.focus();
}
