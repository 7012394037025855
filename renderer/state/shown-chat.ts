/** The conversation on screen: the one that is being held, or that of a stored run which is looked at. */
import { type Answer, type Conversation, conversationOfRun } from '../run/conversation';
import type { LaneView, RunView } from '../run/run-view';
import type { AppState } from './app-state';
import { type LaneDraft, laneTones, setupOf } from './lanes';
import { runOf, shownRun } from './shown-run';
import type { TokenRef } from './token-ref';

export interface ShownChat {
  readonly conversation: Conversation;
  readonly lanes: readonly LaneDraft[];
  /** It can be looked at and taken up, not changed. */
  readonly isStored: boolean;
}

type Source = Pick<AppState, 'runViews' | 'shown' | 'conversation' | 'lanes'>;

/** With the run that was last found in it. */
const held = new WeakMap<Conversation, { readonly chat: ShownChat; readonly runId: string | null }>();
const stored = new WeakMap<RunView, ShownChat>();

/** The same object while nothing that it shows has changed. Asked by many parts of the window at every event. */
export function shownChat(state: Source): ShownChat {
  const { conversation, lanes } = state;
  const run = shownRun(state);
  const before = held.get(conversation);
  if (before && before.chat.lanes === lanes && before.runId === run.runId) return before.chat;
  if (run.runId !== null && !isOf(conversation, run.runId)) {
    const known = stored.get(run);
    if (known) return known;
    const chat = { conversation: conversationOfRun(run), lanes: lanesOfRun(run), isStored: true };
    stored.set(run, chat);
    return chat;
  }
  const chat = before?.chat.lanes === lanes ? before.chat : { conversation, lanes, isStored: false };
  held.set(conversation, { chat, runId: run.runId });
  return chat;
}

function isOf({ turns }: Conversation, runId: string): boolean {
  return turns.some(({ answers }) => Object.values(answers).some((answer) => answer.runId === runId));
}

function lanesOfRun({ lanes }: RunView): LaneDraft[] {
  return lanes.map(({ name, settings }) => ({ ...setupOf(settings), id: name, branch: null }));
}

/** The lane as its run left it; null where only the answer's text is known. */
export function laneOf(state: Source, answer: Answer | undefined): LaneView | null {
  if (!answer) return null;
  return runOf(state.runViews, answer.runId)?.lanes.find((lane) => lane.name === answer.lane) ?? null;
}

/** One lane's answer to a turn, as far as its tokens are known. */
export interface TurnColumn {
  readonly lane: LaneDraft;
  readonly tone: number;
  readonly runId: string;
  readonly view: LaneView;
}

/** In the order of the columns; lanes that have not been asked, or whose tokens are not known, are left out. */
export function columnsOfTurn(state: Source, turnId: string): TurnColumn[] {
  const { conversation, lanes } = shownChat(state);
  const turn = conversation.turns.find(({ id }) => id === turnId);
  const tones = laneTones(lanes);
  return lanes.flatMap((lane, index) => {
    const answer = turn?.answers[lane.id];
    const view = laneOf(state, answer);
    const runId = answer?.runId ?? null;
    return view && runId !== null ? [{ lane, tone: tones[index] ?? 0, runId, view }] : [];
  });
}

/** The lanes of `columnsOfTurn`. */
export function lanesOfTurn(state: Source, turnId: string): LaneView[] {
  const { conversation, lanes } = shownChat(state);
  const turn = conversation.turns.find(({ id }) => id === turnId);
  return lanes.flatMap((lane) => laneOf(state, turn?.answers[lane.id]) ?? []);
}

/** What a reference points at; null when it is gone. */
export function tokenAt(state: Source, ref: TokenRef | null) {
  if (!ref) return null;
  const { conversation, lanes } = shownChat(state);
  const turn = conversation.turns.find(({ id }) => id === ref.turn);
  const answer = turn?.answers[ref.lane];
  const view = answer?.runId === ref.runId ? laneOf(state, answer) : null;
  const token = view?.tokens[ref.index];
  const lane = lanes.find(({ id }) => id === ref.lane);
  return turn && view && token && lane ? { turn, view, token, lane } : null;
}
