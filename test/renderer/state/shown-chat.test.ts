/** The columns of a turn: which lane, in which colour, from which run; and why a run cannot start. */

import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../engine/protocol';
import { reduceEvents } from '../../../renderer/run/reduce-run';
import { EMPTY_RUN } from '../../../renderer/run/run-view';
import { OWN_DELTA } from '../../../renderer/state/lane-origin';
import { REFERENCE_LEARNING } from '../../../renderer/state/learning-draft';
import { columnsOfTurn, lanesOfTurn, shownChat, tokenAt } from '../../../renderer/state/shown-chat';
import { ownRun, showing } from '../../../renderer/state/shown-run';
import { createAppStore } from '../../../renderer/state/store';
import { COMPLETE_RUN, RUN_ID } from '../run-events';

const runOf = (runId: string) =>
  reduceEvents(
    EMPTY_RUN,
    COMPLETE_RUN.map((event): RunEvent => (event.type === 'run.started' ? { ...event, runId } : event)),
  );
const answerOf = (runId: string, lane: string) => ({ runId, lane, text: 'text', start: [] });

/** Two turns, the second with the run on screen; the lane `late` has not been asked. */
function held() {
  const [first, second] = [runOf('first'), runOf('second')];
  const turns = ['first', 'second'].map((id) => ({
    id,
    user: id,
    answers: { b: answerOf(id, 'baseline'), s: answerOf(id, 'slot'), gone: answerOf('unknown', 'slot') },
  }));
  const setup = {
    preset: 'transformers',
    lr: '0.1',
    weightDecay: '',
    learning: REFERENCE_LEARNING,
    origin: OWN_DELTA,
    branch: null,
  } as const;
  const store = createAppStore({
    conversation: { kind: 'chat', turns },
    lanes: [
      { ...setup, id: 'b', name: 'baseline', steps: '0' },
      { ...setup, id: 'gone', name: 'gone', steps: '3' },
      { ...setup, id: 's', name: 'slot', steps: '2' },
      { ...setup, id: 'late', name: 'late', steps: '2' },
    ],
    runViews: { first, second },
    shown: ownRun('second'),
  });
  return { state: store.getState(), first, second };
}

describe('the columns of a turn', () => {
  it('are its lanes whose tokens are known, each in its colour and from its run', () => {
    const { state, first, second } = held();
    for (const [turn, run] of [
      ['first', first],
      ['second', second],
    ] as const) {
      const columns = columnsOfTurn(state, turn);
      expect(columns.map(({ lane, tone, runId }) => [lane.id, tone, runId])).toEqual([
        ['b', 0, turn],
        ['s', 2, turn],
      ]);
      expect(columns.map(({ view }) => view)).toEqual(run.lanes);
      expect(lanesOfTurn(state, turn)).toEqual(run.lanes);
    }
    expect(columnsOfTurn(state, 'no turn')).toEqual([]);
  });

  it('hold the tokens that references point at, as long as the answer is that run’s', () => {
    const { state, first } = held();
    const ref = { turn: 'first', lane: 's', runId: 'first', index: 1 };
    expect(tokenAt(state, ref)).toMatchObject({
      turn: { id: 'first' },
      lane: { id: 's' },
      token: first.lanes[1]?.tokens[1],
    });
    for (const other of [{ runId: 'second' }, { index: 3 }, { lane: 'late' }, { turn: 'none' }])
      expect(tokenAt(state, { ...ref, ...other })).toBeNull();
    expect(tokenAt(state, null)).toBeNull();
  });
});

describe('a conversation', () => {
  it('is the one that is held where any of its answers is the run on screen, else that of the run', () => {
    const { state } = held();
    const own = shownChat(state);
    expect(own).toMatchObject({ isStored: false, conversation: state.conversation });
    const stored = { ...state, ...showing(ownRun(RUN_ID), state, runOf(RUN_ID)) };
    expect(shownChat(stored)).toMatchObject({
      isStored: true,
      lanes: [
        { id: 'baseline', name: 'baseline', steps: '0', lr: '0.1', branch: null },
        { id: 'slot', name: 'slot', steps: '2', lr: '0.1', branch: null },
      ],
    });
    expect(shownChat(stored)).toBe(shownChat(stored));
    // Back, and to another of its runs: the same conversation.
    expect(shownChat(state)).toBe(own);
    const other = { ...state, ...showing(ownRun('first'), state, runOf('first')) };
    expect(shownChat(other)).toBe(own);
    const fewer = { ...state, lanes: state.lanes.slice(1) };
    expect(shownChat(fewer).lanes).toBe(fewer.lanes);
  });
});
