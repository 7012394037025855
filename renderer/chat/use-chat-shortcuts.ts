/** Keys for the conversation, wherever nobody types: next split, tokens or text or Markdown, answer again, next colouring. */

import { useKeys } from '../keys/use-keys';
import { Quantity } from '../run/token-colour';
import { nextAnswerView } from '../state/app-state';
import { shownChat } from '../state/shown-chat';
import { useStudio } from '../state/studio-context';
import { showNextSplit } from './show-token';

export function useChatShortcuts(): void {
  const { store, chat } = useStudio();
  const hasTurns = () => shownChat(store.getState()).conversation.turns.length > 0;

  const split = (by: -1 | 1) => () => {
    if (hasTurns()) showNextSplit(store, by);
  };
  const colour = (by: -1 | 1) => () => {
    if (!hasTurns()) return;
    store.setState(({ colouring }) => ({ colouring: next(colouring, by) }));
  };
  const answer = (seed: 'same' | 'new') => () => {
    const { conversation, isStored } = shownChat(store.getState());
    if (conversation.turns.length === 0 || isStored) return;
    void chat.answer(conversation.turns.length - 1, null, seed);
  };
  const answerView = () => {
    if (!hasTurns()) return;
    store.setState(({ answerView: shown }) => ({ answerView: nextAnswerView(shown), inspected: null }));
  };
  useKeys({
    nextSplit: split(1),
    previousSplit: split(-1),
    nextColouring: colour(1),
    previousColouring: colour(-1),
    sameSeed: answer('same'),
    newSeed: answer('new'),
    answerView,
  });
}

function next(colouring: Quantity, by: -1 | 1): Quantity {
  const all = Quantity.options;
  return all[(all.indexOf(colouring) + by + all.length) % all.length] ?? 'none';
}
