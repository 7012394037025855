/** Has keys do what they are for, and tells how they are written here. */
import { useEffect, useRef } from 'react';
import { useAppState, useStudio } from '../state/studio-context';
import { ACTIONS, type Action, ariaKeys, isCharacter, isPressed, keyText, TEXT_ACTIONS } from './keymap';

export function useKeys(acts: Partial<Record<Action, () => void>>): void {
  const { store, shell } = useStudio();
  const latest = useRef(acts);
  useEffect(() => {
    latest.current = acts;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const action = ACTIONS.find((each) => isPressed(each, event, shell.isMac));
      if (!action) return;
      if (isCharacter(action) && (!store.getState().letterKeys || isElsewhere(event.target))) return;
      if (TEXT_ACTIONS.includes(action) && isTyping(event.target)) return;
      const act = latest.current[action];
      if (!act) return;
      act();
      // Escape ends full screen too.
      if (action !== 'cancel') event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [store, shell]);
}

/** Where a letter is a letter: fields, menus and dialogs. */
function isElsewhere(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('input, textarea, select, [role="menu"], [role="dialog"], [contenteditable]') !== null
  );
}

/** Where text is typed, which has an undo of its own; and dialogs, which hide what would change. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest(
      'input:not([type="checkbox"], [type="radio"], [type="range"]), textarea, [role="dialog"], [contenteditable]',
    ) !== null
  );
}

interface KeyWords {
  /** Null where the key is turned off. */
  of(action: Action): string | null;
  /** With the key in brackets behind it. */
  titled(title: string, action: Action): string;
  aria(action: Action): string | undefined;
}

export function useKeyWords(): KeyWords {
  const { isMac } = useStudio().shell;
  const letters = useAppState((state) => state.letterKeys);
  const of = (action: Action) => (letters || !isCharacter(action) ? keyText(action, isMac) : null);
  return {
    of,
    titled: (title, action) => {
      const key = of(action);
      return key === null ? title : `${title} (${key})`;
    },
    aria: (action) => (of(action) === null ? undefined : ariaKeys(action, isMac)),
  };
}
