/** Asks turns of the conversation: a next one, an earlier one with another text, one again. */

import { askTurn, type Conversation } from '../../run/conversation';
import { isRunning } from '../../run/run-view';
import { count } from '../../ui/text/format';
import type { AppState } from '../app-state';
import { checkDraft, type RunSettings } from '../draft';
import type { EngineControl } from '../engine-control';
import { newId, trimmed } from '../first-turn';
import type { LaneDraft } from '../lanes';
import { shownChat } from '../shown-chat';
import { shownRun } from '../shown-run';
import type { AppStore } from '../store';
import { turnConfig } from '../turn-config';
import { undoToast } from '../undo';

export interface Turns {
  /** Sends what is typed under the columns to every lane. */
  send(): Promise<void>;
  /** Asks a turn again with another text; later turns go, and the toast brings them back. */
  resend(turn: number, user: string): Promise<void>;
  /** @param lanes ids; null for all. Later turns stay out of it: only the last turn can be answered anew. */
  answer(turn: number, lanes: readonly string[] | null, seed: 'same' | 'new'): Promise<void>;
}

export function createTurns(store: AppStore, control: Pick<EngineControl, 'start' | 'cancel'>): Turns {
  const { getState } = store;
  return {
    async send() {
      const state = getState();
      const settings = readySettings(state);
      const { conversation, followUp, lanes } = state;
      if (!settings || followUp.trim() === '' || conversation.kind === 'raw') return;
      const turn = { id: newId(), user: followUp, answers: {} };
      const next = { ...conversation, turns: [...conversation.turns, turn] };
      const asked = { settings, conversation: next, turn: next.turns.length - 1, lanes };
      await control.start(...runOfTurn(state, { ...asked, change: { followUp: '' } }));
    },
    async resend(turn, user) {
      const state = getState();
      const settings = readySettings(state);
      const { conversation, lanes } = state;
      if (!settings || user.trim() === '' || !conversation.turns[turn]) return;
      const kept = conversation.turns.slice(0, turn);
      const ids = new Set(kept.map(({ id }) => id));
      // A branch off a turn that is asked anew has lost its stem.
      const own = lanes.filter(({ branch }) => branch === null || ids.has(branch.turn));
      const staying = own.length > 0 ? own : lanes.map((lane) => ({ ...lane, branch: null }));
      const settled = checkDraft({ ...state, lanes: staying }).settings;
      if (!settled) return;
      const next = { ...conversation, turns: [...kept, { id: newId(), user, answers: {} }] };
      const dropped = conversation.turns.length - turn - 1;
      const loss = dropped > 0 ? `; ${count(dropped, 'later turn')} dropped` : '';
      const change = {
        lanes: staying,
        turnEdit: null,
        ...(turn === 0 && { prompt: user }),
        ...undoToast(store, () => void control.cancel(), `Asked anew${loss}.`),
      };
      const asked = { settings: settled, conversation: next, turn, lanes: staying, change };
      await control.start(...runOfTurn(state, asked));
    },
    async answer(turn, ids, seed) {
      const state = getState();
      const lanes = state.lanes.filter(({ id }) => ids === null || ids.includes(id));
      const generation =
        seed === 'same' ? state.generation : { ...state.generation, seed: String(randomSeed()) };
      const settings = readySettings(state) && checkDraft({ ...state, generation }).settings;
      if (!settings || lanes.length === 0 || !state.conversation.turns[turn]) return;
      const asked = { settings, conversation: state.conversation, turn, lanes, change: { generation } };
      await control.start(...runOfTurn(state, asked));
    },
  };
}

/** The settings, where nothing forbids a run. */
function readySettings(state: AppState): RunSettings | null {
  return isRunning(shownRun(state)) || shownChat(state).isStored ? null : checkDraft(state).settings;
}

interface AskedTurn {
  readonly settings: RunSettings;
  readonly conversation: Conversation;
  readonly turn: number;
  /** Those that answer. */
  readonly lanes: readonly LaneDraft[];
  /** What else changes as the run begins. */
  readonly change: Partial<AppState>;
}

/** The run that answers a turn, and how it finds its place in the conversation. */
function runOfTurn(
  before: AppState,
  { settings, conversation, turn, lanes, change }: AskedTurn,
): Parameters<EngineControl['start']> {
  const state = { ...before, ...change };
  const ids = lanes.map(({ id }) => id);
  const config = turnConfig(settings, state, conversation, turn, ids);
  const place = (runId: string) => {
    const next = askTurn(conversation, turn, trimmed(lanes), runId);
    return { ...change, conversation: next };
  };
  return [config, place];
}

function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}
