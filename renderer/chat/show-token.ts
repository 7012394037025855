/** Brings tokens into view: one that is asked for, or the next place where lanes part. */

import { cellId } from '../run/cell-id';
import { knownSplits, type Split } from '../run/divergence';
import { columnsOfTurn, shownChat } from '../state/shown-chat';
import type { AppStore } from '../state/store';
import type { TokenRef } from '../state/token-ref';

/** Scrolls there, gives the answer the keyboard, and looks into the token. */
function showToken(store: AppStore, ref: TokenRef): void {
  const cell = document.getElementById(cellId(ref.turn, ref.lane));
  const text = cell?.querySelector<HTMLElement>('.lane-text');
  text?.focus({ preventScroll: true });
  text?.querySelector(`[data-index="${ref.index}"]`)?.scrollIntoView({ block: 'center', inline: 'nearest' });
  store.setState({ inspected: ref });
}

/** In the lane that leaves the first one. */
export function showSplit(store: AppStore, turn: string, split: Split): void {
  const ref = refsOfSplit(store, turn, split).at(-1);
  if (ref) showToken(store, ref);
}

function refsOfSplit(store: AppStore, turn: string, { index, choices }: Split): TokenRef[] {
  const columns = columnsOfTurn(store.getState(), turn);
  return choices.flatMap(({ token, lanes }) => {
    const column = columns[lanes[0] ?? -1];
    return token && column ? [{ turn, lane: column.lane.id, runId: column.runId, index }] : [];
  });
}

/** From the token that is looked into, turn by turn, and from the other end once through. */
export function showNextSplit(store: AppStore, by: -1 | 1): void {
  const state = store.getState();
  const { turns } = shownChat(state).conversation;
  const all = turns.flatMap(({ id }, turn) =>
    knownSplits(columnsOfTurn(state, id).map(({ view }) => view)).map((split) => ({ turn, id, split })),
  );
  const from = state.inspected ?? state.pinned;
  const at = from ? turns.findIndex(({ id }) => id === from.turn) : -1;
  const isBeyond = ({ turn, split }: (typeof all)[number]) => {
    const distance = turn === at ? split.index - (from?.index ?? 0) : turn - at;
    return distance * by > 0;
  };
  const inTurn = by > 0 ? all : all.toReversed();
  const next = (from && inTurn.find(isBeyond)) || inTurn[0];
  if (next) showSplit(store, next.id, next.split);
}
