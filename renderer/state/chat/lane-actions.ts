/** Adds, copies, moves and removes the conversation's lanes. */
import { MAX_LANES } from '../../../engine/protocol';
import { copyAnswers } from '../../run/conversation';
import { newId } from '../first-turn';
import { addLane, controlsOfSlot, duplicateLane, type LaneSetup, moveLane, removeLane } from '../lanes';
import type { AppStore } from '../store';
import { toastOf } from '../undo';

export interface LaneActions {
  addLane(setup: LaneSetup): void;
  duplicateLane(id: string): void;
  moveLane(id: string, by: -1 | 1): void;
  removeLane(id: string): void;
  /** Adds or removes the controls of the first SLOT lane, all at once; nothing where there is no room for all. */
  setControls(present: boolean): void;
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
    setControls(present) {
      const { lanes } = getState();
      const controls = controlsOfSlot(lanes);
      if (present && lanes.length + controls.missing.length > MAX_LANES) return;
      const next = present
        ? controls.missing.reduce((all, setup) => addLane(all, setup, newId()), lanes)
        : lanes.filter(({ id }) => !controls.present.includes(id));
      if (next.length === lanes.length) return;
      const text = present ? `Added ${next.length - lanes.length} controls.` : 'Removed the controls.';
      setState({ lanes: next, ...toastOf(text, () => setState({ lanes })) });
    },
  };
}
