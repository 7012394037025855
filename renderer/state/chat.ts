/** What the user can do to the conversation and its lanes, as functions over the store and the session. */
import { askTurn, type Conversation, copyAnswers, NO_CONVERSATION, runsOf } from '../run/conversation';
import { startClock } from '../run/progress';
import { EMPTY_RUN, isRunning, type RunView } from '../run/run-view';
import type { AppState } from './app-state';
import { checkDraft, type RunSettings } from './draft';
import { newId, stillNeeded, trimmed } from './first-turn';
import { addLane, duplicateLane, freeName, type LaneDraft, MAX_LANES, moveLane, removeLane } from './lanes';
import type { Session } from './session';
import { runOf, shownChat, tokenAt } from './shown-chat';
import type { AppStore } from './store';
import type { TokenRef } from './token-ref';
import { turnConfig } from './turn-config';
import { toastOf, undoToast } from './undo';

export interface Chat {
  /** Sends what is typed under the columns to every lane. */
  send(): Promise<void>;
  /** Asks a turn again with another text; later turns go, and the toast brings them back. */
  resend(turn: number, user: string): Promise<void>;
  /** @param lanes ids; null for all. Later turns stay out of it: only the last turn can be answered anew. */
  answer(turn: number, lanes: readonly string[] | null, seed: 'same' | 'new'): Promise<void>;
  /** A new lane that answers as far as the token, then with the alternative, then on by itself. */
  branch(from: TokenRef, alternative: { readonly id: number; readonly token: string }): Promise<void>;
  newConversation(): void;
  /** Goes on with the stored run that is looked at. */
  takeUp(): void;
  addLane(setup: Pick<LaneDraft, 'name' | 'preset' | 'steps' | 'lr'>): void;
  duplicateLane(id: string): void;
  moveLane(id: string, by: -1 | 1): void;
  removeLane(id: string): void;
  /** Shows a run of the conversation in the charts. */
  showRun(runId: string): void;
  /** Fetches the tokens of remembered turns. */
  loadTurns(): Promise<void>;
}

export function createChat(
  store: AppStore,
  session: Pick<Session, 'start' | 'cancel'>,
  read: (runId: string) => Promise<RunView>,
): Chat {
  const { getState, setState } = store;
  const offerUndo = (text: string) => undoToast(store, () => void session.cancel(), text);
  /** The settings, where nothing forbids a run. */
  const ready = (): RunSettings | null => {
    const state = getState();
    return isRunning(state.run) || shownChat(state).isStored ? null : checkDraft(state).settings;
  };
  const ask = (
    settings: RunSettings,
    conversation: Conversation,
    turn: number,
    lanes: readonly LaneDraft[],
    change: Partial<AppState> = {},
  ) => {
    const state = { ...getState(), ...change };
    const ids = lanes.map(({ id }) => id);
    const config = turnConfig(settings, state, conversation, turn, ids);
    return session.start(config, (runId) => {
      const next = askTurn(conversation, turn, trimmed(lanes), runId);
      return { ...change, conversation: next, turnRuns: stillNeeded(state, next) };
    });
  };

  return {
    async send() {
      const state = getState();
      const settings = ready();
      const { conversation, followUp, lanes } = state;
      if (!settings || followUp.trim() === '' || conversation.kind === 'raw') return;
      const turn = { id: newId(), user: followUp, answers: {} };
      const next = { ...conversation, turns: [...conversation.turns, turn] };
      await ask(settings, next, next.turns.length - 1, lanes, { followUp: '' });
    },
    async resend(turn, user) {
      const state = getState();
      const settings = ready();
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
      const text =
        dropped > 0
          ? `Asked anew; ${dropped} later ${dropped === 1 ? 'turn' : 'turns'} dropped.`
          : 'Asked anew.';
      await ask(settled, next, turn, staying, {
        lanes: staying,
        turnEdit: null,
        ...(turn === 0 && { prompt: user }),
        ...offerUndo(text),
      });
    },
    async answer(turn, ids, seed) {
      const state = getState();
      const lanes = state.lanes.filter(({ id }) => ids === null || ids.includes(id));
      const generation =
        seed === 'same' ? state.generation : { ...state.generation, seed: String(randomSeed()) };
      const settings = ready() && checkDraft({ ...state, generation }).settings;
      if (!settings || lanes.length === 0 || !state.conversation.turns[turn]) return;
      await ask(settings, state.conversation, turn, lanes, { generation });
    },
    async branch(from, { id, token }) {
      const state = getState();
      const at = tokenAt(state, from);
      const run = runOf(state, from.runId);
      if (!at || !run?.config || isRunning(state.run) || shownChat(state).isStored) return;
      if (state.lanes.length >= MAX_LANES) return;
      const { conversation, lanes } = state;
      const turn = conversation.turns.indexOf(at.turn);
      const { settings, tokens } = at.view;
      const parent = at.lane.branch ? at.lane.branch.lane : at.lane.name.trim();
      const lane: LaneDraft = {
        id: newId(),
        name: branchName(lanes, parent),
        preset: settings.preset,
        steps: String(settings.steps),
        lr: String(settings.lr),
        branch: { lane: parent, turn: from.turn, index: from.index, token },
      };
      const start = [...tokens.slice(0, from.index).map((each) => each.id), id];
      const history = copyAnswers(conversation, from.lane, lane.id, turn - 1);
      // The same history and settings as the answer it leaves, whatever the form says by now.
      const { prompt = run.config.prompt, ...own } = settings;
      const config = { ...run.config, prompt, lanes: [{ ...own, name: lane.name, answerStart: start }] };
      await session.start(config, (runId) => {
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
    newConversation() {
      const state = getState();
      if (state.conversation.turns.length === 0) return;
      const undo = offerUndo('New conversation.');
      if (isRunning(state.run)) void session.cancel();
      const lanes = state.lanes.filter(({ branch }) => branch === null);
      setState({
        conversation: { ...NO_CONVERSATION, kind: state.promptKind },
        lanes: lanes.length > 0 ? lanes : state.lanes.map((lane) => ({ ...lane, branch: null })),
        run: EMPTY_RUN,
        clock: startClock(0),
        cancelling: false,
        turnEdit: null,
        inspected: null,
        pinned: null,
        selectedStep: null,
        ...undo,
      });
    },
    takeUp() {
      const state = getState();
      const { conversation, lanes, isStored } = shownChat(state);
      const { config, runId } = state.run;
      if (!isStored || !config || runId === null || isRunning(state.run)) return;
      const first = config.prompt.kind === 'chat' ? config.prompt.messages[0] : undefined;
      setState({
        conversation,
        lanes,
        system: first?.role === 'system' ? first.content : '',
        prompt: conversation.turns[0]?.user ?? state.prompt,
        promptKind: config.prompt.kind,
        turnRuns: { [runId]: state.run },
        reopened: null,
        ...offerUndo('The stored run is the conversation now.'),
      });
    },
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
    showRun(runId) {
      const state = getState();
      const run = state.turnRuns[runId];
      if (!run || state.run.runId === runId || isRunning(state.run)) return;
      setState({ run, clock: startClock(0), selectedStep: null, shiftLane: null, shownPane: 'charts' });
    },
    async loadTurns() {
      for (const runId of runsOf(getState().conversation)) {
        if (runOf(getState(), runId)) continue;
        const view = await read(runId).catch(() => null);
        if (!view) continue;
        const { conversation, run, turnRuns } = getState();
        if (!runsOf(conversation).includes(runId)) continue;
        setState({
          turnRuns: { ...turnRuns, [runId]: view },
          // The newest one fills the charts again.
          ...(run.phase === 'idle' && { run: view }),
        });
      }
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

function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}
