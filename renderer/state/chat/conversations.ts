/** Which conversation is held: a new one, a stored one that is taken up, and which of its runs the charts show. */

import { NO_CONVERSATION, runsOf } from '../../run/conversation';
import { isRunning, type RunView } from '../../run/run-view';
import type { AppState } from '../app-state';
import type { EngineControl } from '../engine-control';
import { shownChat } from '../shown-chat';
import { ownRun, runOf, showing, shownRun } from '../shown-run';
import type { AppStore } from '../store';
import { undoToast } from '../undo';

export interface Conversations {
  newConversation(): void;
  /** Goes on with the stored run that is looked at. */
  takeUp(): void;
  /** Shows a run of the conversation in the charts. */
  showRun(runId: string): void;
  /** Fetches the tokens of remembered turns. */
  loadTurns(): Promise<void>;
}

/** @param read rejects where the run is not stored */
export function createConversations(
  store: AppStore,
  control: Pick<EngineControl, 'cancel'>,
  read: (runId: string) => Promise<RunView>,
): Conversations {
  const { getState, setState } = store;
  const offerUndo = (text: string) => undoToast(store, () => void control.cancel(), text);
  return {
    newConversation() {
      const state = getState();
      if (state.conversation.turns.length === 0) return;
      const undo = offerUndo('New conversation.');
      if (isRunning(shownRun(state))) void control.cancel();
      setState({ ...withoutConversation(state), ...undo });
    },
    takeUp() {
      const state = getState();
      const { conversation, lanes, isStored } = shownChat(state);
      const { config, runId } = shownRun(state);
      if (!isStored || !config || runId === null || isRunning(shownRun(state))) return;
      const first = config.prompt.kind === 'chat' ? config.prompt.messages[0] : undefined;
      setState({
        conversation,
        lanes,
        system: first?.role === 'system' ? first.content : '',
        prompt: conversation.turns[0]?.user ?? state.prompt,
        promptKind: config.prompt.kind,
        ...showing(ownRun(runId), { ...state, conversation }),
        ...offerUndo('The stored run is the conversation now.'),
      });
    },
    showRun(runId) {
      const state = getState();
      const isAtHand = runOf(state.runViews, runId) !== null;
      if (!isAtHand || state.shown.runId === runId || isRunning(shownRun(state))) return;
      setState({ shown: ownRun(runId), selectedStep: null, shiftLane: null, shownPane: 'charts' });
    },
    async loadTurns() {
      for (const runId of runsOf(getState().conversation)) {
        if (runOf(getState().runViews, runId)) continue;
        const view = await read(runId).catch(() => null);
        if (!view) continue;
        const { conversation, runViews, shown } = getState();
        if (!runsOf(conversation).includes(runId)) continue;
        setState({
          runViews: { ...runViews, [runId]: view },
          // The newest one fills the charts again.
          ...(shown.runId === null && { shown: ownRun(runId) }),
        });
      }
    },
  };
}

function withoutConversation({ promptKind, lanes }: AppState): Partial<AppState> {
  const own = lanes.filter(({ branch }) => branch === null);
  return {
    conversation: { ...NO_CONVERSATION, kind: promptKind },
    lanes: own.length > 0 ? own : lanes.map((lane) => ({ ...lane, branch: null })),
    shown: ownRun(null),
    cancelling: false,
    turnEdit: null,
    inspected: null,
    pinned: null,
    selectedStep: null,
  };
}
