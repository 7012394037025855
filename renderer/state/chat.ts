/** What the user can do to the conversation and its lanes, as functions over the store and the control. */
import type { RunView } from '../run/run-view';
import { type Branching, createBranching } from './chat/branch';
import { type Conversations, createConversations } from './chat/conversations';
import { createExplaining, type Explaining } from './chat/explain';
import { createLaneActions, type LaneActions } from './chat/lane-actions';
import { createTurns, type Turns } from './chat/turns';
import type { EngineControl } from './engine-control';
import type { AppStore } from './store';

export interface Chat extends Turns, Branching, Conversations, LaneActions, Explaining {}

/** @param read a stored run; rejects where it is not there */
export function createChat(
  store: AppStore,
  control: Pick<EngineControl, 'start' | 'cancel'>,
  read: (runId: string) => Promise<RunView>,
): Chat {
  const turns = createTurns(store, control);
  return {
    ...turns,
    ...createExplaining(store, turns),
    ...createBranching(store, control),
    ...createConversations(store, control, read),
    ...createLaneActions(store),
  };
}
