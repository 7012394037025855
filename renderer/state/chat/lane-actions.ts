/** Adds, copies, moves and removes the conversation's lanes. */
import { describeScope, MAX_LANES, type Scope, writeScope } from '../../../engine/protocol';
import { copyAnswers } from '../../run/conversation';
import { newId } from '../first-turn';
import {
  addLane,
  changeLane,
  controlsOfSlot,
  duplicateLane,
  type LaneSetup,
  moveLane,
  removeLane,
} from '../lanes';
import type { AppStore } from '../store';
import { newToast } from '../toast';
import { toastOf } from '../undo';

export interface LaneActions {
  /** @returns its id; null where there is no room */
  addLane(setup: LaneSetup): string | null;
  duplicateLane(id: string): void;
  moveLane(id: string, by: -1 | 1): void;
  removeLane(id: string): void;
  /** Adds or removes the controls of the first SLOT lane, all at once; nothing where there is no room for all. */
  setControls(present: boolean): void;
  /** What the lane of this name learns from when it runs again; its controls follow it. */
  setScope(name: string, scope: Scope): void;
}

export function createLaneActions({ getState, setState }: AppStore): LaneActions {
  return {
    addLane(setup) {
      const id = newId();
      setState(({ lanes }) => ({ lanes: addLane(lanes, setup, id) }));
      return getState().lanes.some((lane) => lane.id === id) ? id : null;
    },
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
    setScope(name, scope) {
      const { lanes } = getState();
      const lane = lanes.find((each) => each.name.trim() === name);
      if (!lane) {
        const text = `There is no lane ${name} to learn from these tokens: add it, or take up the run.`;
        setState({ toast: newToast('problem', text) });
        return;
      }
      const learning = { ...lane.learning, scope: writeScope(scope) };
      const text = `${name} learns from ${describeScope(scope)} when it runs again.`;
      setState({
        lanes: changeLane(lanes, lane.id, { learning }),
        ...toastOf(text, () => setState({ lanes })),
      });
    },
  };
}
