/** Keys for the conversation, wherever nobody types: next split, tokens or text, answer again, next colouring. */
import { useEffect } from 'react';
import { Quantity } from '../../run/token-colour';
import { shownChat } from '../../state/shown-chat';
import { useStudio } from '../studio-context';
import { showNextSplit } from './show-token';

export function useChatShortcuts(): void {
  const { store, chat } = useStudio();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isElsewhere(event.target)) return;
      const state = store.getState();
      const { conversation, isStored } = shownChat(state);
      if (conversation.turns.length === 0) return;
      switch (event.key.toLowerCase()) {
        case 'd':
          showNextSplit(store, event.shiftKey ? -1 : 1);
          break;
        case 'm':
          store.setState({ answerView: state.answerView === 'tokens' ? 'text' : 'tokens', inspected: null });
          break;
        case 'k':
          store.setState({ colouring: next(state.colouring, event.shiftKey ? -1 : 1) });
          break;
        case 'r':
          if (isStored) return;
          void chat.answer(conversation.turns.length - 1, null, event.shiftKey ? 'new' : 'same');
          break;
        default:
          return;
      }
      event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [store, chat]);
}

function next(colouring: Quantity, by: -1 | 1): Quantity {
  const all = Quantity.options;
  return all[(all.indexOf(colouring) + by + all.length) % all.length] ?? 'none';
}

/** Where a letter is a letter: fields, menus and dialogs. */
function isElsewhere(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('input, textarea, select, [role="menu"], [role="dialog"], [contenteditable]') !== null
  );
}
