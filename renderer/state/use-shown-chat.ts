/** The conversation on screen, and what its parts know of a turn. */
import { useShallow } from 'zustand/react/shallow';
import type { LaneView } from '../run/run-view';
import { lanesOfTurn, type ShownChat, shownChat } from './shown-chat';
import { useAppState } from './studio-context';

export function useShownChat(): ShownChat {
  return useAppState(shownChat);
}

/** Changes with every token of a turn that is being answered. */
export function useLanesOfTurn(turn: string): readonly LaneView[] {
  return useAppState(useShallow((state) => lanesOfTurn(state, turn)));
}
