/** A new lane that leaves another one's answer at a token. */

import { MAX_LANES } from '../../../engine/protocol';
import { copyAnswers } from '../../run/conversation';
import { isRunning } from '../../run/run-view';
import type { EngineControl } from '../engine-control';
import { newId } from '../first-turn';
import { freeName, type LaneDraft, setupOf } from '../lanes';
import { shownChat, tokenAt } from '../shown-chat';
import { runOf, shownRun } from '../shown-run';
import type { AppStore } from '../store';
import type { TokenRef } from '../token-ref';

export interface Branching {
  /** A new lane that answers as far as the token, then with the alternative, then on by itself. */
  branch(from: TokenRef, alternative: { readonly id: number; readonly token: string }): Promise<void>;
}

export function createBranching({ getState }: AppStore, control: Pick<EngineControl, 'start'>): Branching {
  return {
    async branch(from, { id, token }) {
      const state = getState();
      const at = tokenAt(state, from);
      const run = runOf(state.runViews, from.runId);
      if (!at || !run?.config || isRunning(shownRun(state)) || shownChat(state).isStored) return;
      if (state.lanes.length >= MAX_LANES) return;
      const { conversation, lanes } = state;
      const turn = conversation.turns.indexOf(at.turn);
      const { settings, tokens } = at.view;
      const parent = at.lane.branch ? at.lane.branch.lane : at.lane.name.trim();
      const lane: LaneDraft = {
        ...setupOf(settings),
        id: newId(),
        name: branchName(lanes, parent),
        branch: { lane: parent, turn: from.turn, index: from.index, token },
      };
      const start = [...tokens.slice(0, from.index).map((each) => each.id), id];
      const history = copyAnswers(conversation, from.lane, lane.id, turn - 1);
      // The same history and settings as the answer it leaves, whatever the form says by now.
      const { prompt = run.config.prompt, ...own } = settings;
      const config = { ...run.config, prompt, lanes: [{ ...own, name: lane.name, forcedPrefix: start }] };
      await control.start(config, (runId) => {
        const open = { runId, lane: lane.name, text: null, start };
        const turns = history.turns.map((each, index) =>
          index === turn ? { ...each, answers: { ...each.answers, [lane.id]: open } } : each,
        );
        return {
          conversation: { ...history, turns },
          lanes: besideStem(lanes, from.lane, lane),
          pinned: { ...from, lane: lane.id, runId },
        };
      });
    },
  };
}

function branchName(lanes: readonly LaneDraft[], parent: string): string {
  for (let number = 1; ; number++) {
    const name = `${parent.slice(0, 60)} · branch ${number}`;
    if (freeName(lanes, name) === name) return name;
  }
}

function besideStem(lanes: readonly LaneDraft[], stem: string, lane: LaneDraft): readonly LaneDraft[] {
  const after = lanes.findLastIndex(
    (each) => each.id === stem || each.branch?.lane === lanes.find(({ id }) => id === stem)?.name.trim(),
  );
  return lanes.toSpliced(after + 1, 0, lane);
}
