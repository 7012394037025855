/** Asks which prompt tokens taught a lane's delta to favour a token of its answer: by answering again, the same way. */
import { isSlot } from '../../../engine/protocol';
import { isRunning } from '../../run/run-view';
import type { AppState } from '../app-state';
import { MAX_EXPLAINED, readExplained, writeExplained } from '../explained';
import { openModelOf } from '../model-state';
import { shownChat, tokenAt } from '../shown-chat';
import { shownRun } from '../shown-run';
import type { AppStore } from '../store';
import type { TokenRef } from '../token-ref';
import type { Turns } from './turns';

export interface Explaining {
  /** @param token its own text, which the model reads as this token alone */
  explain(ref: TokenRef, token: { readonly id: number; readonly token: string }): Promise<void>;
}

export function createExplaining(
  { getState, setState }: AppStore,
  { answer }: Pick<Turns, 'answer'>,
): Explaining {
  return {
    async explain(ref, { id, token }) {
      const state = getState();
      const at = tokenAt(state, ref);
      if (!at) return;
      const show = { explained: { id, by: 'estimate' as const }, shiftLane: at.view.name };
      if (at.view.explained.some((each) => each.id === id)) return setState(show);
      if (explainObstacle(state, ref, token) !== null) return;
      const others = (readExplained(state.explain).explain ?? []).filter((each) => each !== token);
      setState({ explain: writeExplained([...others, token].slice(-MAX_EXPLAINED)) });
      const answered = answer(state.conversation.turns.length - 1, null, 'same');
      // The run has begun; its answer has the same tokens.
      const runId = getState().conversation.turns.at(-1)?.answers[ref.lane]?.runId;
      setState({ ...show, ...(runId ? { pinned: { ...ref, runId } } : {}) });
      await answered;
    },
  };
}

/** Why a token that is not explained yet cannot be; null where it can. */
export function explainObstacle(state: AppState, ref: TokenRef, token: string): string | null {
  const { conversation, isStored } = shownChat(state);
  const settings = tokenAt(state, ref)?.view.settings;
  if (!settings || !isSlot(settings))
    return 'Only a delta that this lane learned itself has steps to explain';
  // A soft-cap bends the logits: their shift is no sum over prompt tokens.
  if (openModelOf(state.model)?.tail.includes('Tanh'))
    return "This model's head is soft-capped, so that a shift has no parts by prompt token";
  if (token.includes('\uFFFD')) return 'This token is part of a character, and has no text to name it by';
  if (isStored) return 'Continue the stored conversation first';
  if (conversation.turns.at(-1)?.id !== ref.turn) return 'Only tokens of the last turn can be explained';
  return isRunning(shownRun(state)) ? 'Wait for the end of the run' : null;
}
