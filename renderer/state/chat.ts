/** What the user can do to the conversation and its lanes, as functions over the store and the session. */
import type { RunView } from '../run/run-view';
import { type Branching, createBranching } from './chat/branch';
import { type Conversations, createConversations } from './chat/conversations';
import { createLaneActions, type LaneActions } from './chat/lane-actions';
import { createTurns, type Turns } from './chat/turns';
import type { Session } from './session';
import type { AppStore } from './store';

export interface Chat extends Turns, Branching, Conversations, LaneActions {}

/** @param read a stored run; rejects where it is not there */
export function createChat(
  store: AppStore,
  session: Pick<Session, 'start' | 'cancel'>,
  read: (runId: string) => Promise<RunView>,
): Chat {
  return {
    ...createTurns(store, session),
    ...createBranching(store, session),
    ...createConversations(store, session, read),
    ...createLaneActions(store),
  };
}
