/** What the user can do to the conversation and its lanes, as functions over the store and the control. */
import type { RunView } from '../run/run-view';
import { type Branching, createBranching } from './chat/branch';
import { type Conversations, createConversations } from './chat/conversations';
import { createLaneActions, type LaneActions } from './chat/lane-actions';
import { createTurns, type Turns } from './chat/turns';
import type { EngineControl } from './engine-control';
import type { AppStore } from './store';

export interface Chat extends Turns, Branching, Conversations, LaneActions {}

/** @param read a stored run; rejects where it is not there */
export function createChat(
  store: AppStore,
  control: Pick<EngineControl, 'start' | 'cancel'>,
  read: (runId: string) => Promise<RunView>,
): Chat {
  return {
    ...createTurns(store, control),
    ...createBranching(store, control),
    ...createConversations(store, control, read),
    ...createLaneActions(store),
  };
}
