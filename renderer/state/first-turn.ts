/** A conversation's beginning: the prompt of the left pane, asked in every lane. */
import { askTurn } from '../run/conversation';
import { count } from '../ui/text/format';
import type { AppState } from './app-state';
import { withRecentPrompt } from './prompts-state';

/** Branches belong to an answer that a new beginning drops. Where there are only branches they become lanes. */
export function withoutBranches(state: AppState): AppState {
  const own = state.lanes.filter(({ branch }) => branch === null);
  const lanes = own.length > 0 ? own : state.lanes.map((lane) => ({ ...lane, branch: null }));
  return lanes.length === state.lanes.length && own.length > 0 ? state : { ...state, lanes };
}

export function firstTurn(state: AppState, runId: string): Partial<AppState> {
  const turn = { id: newId(), user: state.prompt, answers: {} };
  const conversation = askTurn({ kind: state.promptKind, turns: [turn] }, 0, trimmed(state.lanes), runId);
  const recentPrompts = withRecentPrompt(state.recentPrompts, state);
  return { conversation, lanes: state.lanes, turnEdit: null, recentPrompts };
}

/** What a new beginning would drop beyond the answers that it replaces; null where that is nothing. */
export function lossOf({ conversation: { turns }, lanes }: AppState): string | null {
  const branches = lanes.filter(({ branch }) => branch !== null).length;
  const parts = [
    turns.length > 1 ? count(turns.length - 1, 'later turn') : '',
    branches > 0 ? `${branches} ${branches === 1 ? 'branch' : 'branches'}` : '',
  ];
  return parts.filter(Boolean).join(' and ') || null;
}

/** Names as the engine sees them. */
export function trimmed(lanes: AppState['lanes']): { id: string; name: string }[] {
  return lanes.map(({ id, name }) => ({ id, name: name.trim() }));
}

export function newId(): string {
  return crypto.randomUUID().slice(0, 8);
}
