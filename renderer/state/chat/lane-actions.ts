/** Adds, copies, moves and removes the conversation's lanes. */
import { copyAnswers } from '../../run/conversation';
import { newId } from '../first-turn';
import { addLane, duplicateLane, type LaneDraft, moveLane, removeLane } from '../lanes';
import type { AppStore } from '../store';
import { toastOf } from '../undo';

export interface LaneActions {
  addLane(setup: Pick<LaneDraft, 'name' | 'preset' | 'steps' | 'lr'>): void;
  duplicateLane(id: string): void;
  moveLane(id: string, by: -1 | 1): void;
  removeLane(id: string): void;
}

export function createLaneActions({ getState, setState }: AppStore): LaneActions {
  return {
    addLane: (setup) => setState(({ lanes }) => ({ lanes: addLane(lanes, setup, newId()) })),
    duplicateLane(id) {
      const copy = newId();
      setState(({ lanes, conversation }) => {
        const next = duplicateLane(lanes, id, copy);
        return next === lanes ? {} : { lanes: next, conversation: copyAnswers(conversation, id, copy) };
      });
    },
    moveLane: (id, by) => setState(({ lanes }) => ({ lanes: moveLane(lanes, id, by) })),
    removeLane(id) {
      const { lanes } = getState();
      const name = lanes.find((lane) => lane.id === id)?.name;
      // Its answers stay in the conversation, so that Undo finds them.
      const next = removeLane(lanes, id);
      if (next === lanes || name === undefined) return;
      setState({ lanes: next, ...toastOf(`Removed the lane ${name}.`, () => setState({ lanes })) });
    },
  };
}
