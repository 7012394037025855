/** What the user can do with prompts that were asked before, and with a list of them. */
import type { Conversation } from '../run/conversation';
import { isRunning } from '../run/run-view';
import type { AppState } from './app-state';
import type { Chat } from './chat';
import type { EngineControl } from './engine-control';
import type { PromptSet, RecentModel, RecentPrompt, SetPrompt } from './prompts-state';
import { ownRun, shownRun } from './shown-run';
import type { AppStore } from './store';
import { toastOf } from './undo';

export interface Prompts extends PromptSteps {
  /** Puts it into the form; the toast brings back what was typed there. */
  take(prompt: RecentPrompt): void;
  /** Opens a model as it was open before. */
  openModel(model: RecentModel): void;
}

interface PromptSteps {
  /** Begins to step through these. */
  begin(name: string, prompts: readonly SetPrompt[]): void;
  /** Shows a prompt of the set, with the answers that it had, or runs it; every view stays as it is. Waits for no run. */
  goTo(at: number): Promise<void>;
  setRunsEach(runsEach: boolean): void;
  /** Ends the set; the toast brings it back. */
  end(): void;
}

export function createPrompts(
  store: AppStore,
  control: Pick<EngineControl, 'run' | 'openModel'>,
  chat: Pick<Chat, 'loadTurns'>,
): Prompts {
  const { getState, setState } = store;
  return {
    ...createPromptSteps(store, control, chat),
    take({ system, prompt, promptKind }) {
      const { system: s, prompt: p, promptKind: k } = getState();
      const isLost = p.trim() !== '' && (p !== prompt || s !== system);
      const back = () => setState({ system: s, prompt: p, promptKind: k });
      setState({
        system: promptKind === 'raw' ? s : system,
        prompt,
        promptKind,
        ...(isLost && toastOf('Another prompt took the place of what was typed.', back)),
      });
    },
    openModel({ choice }) {
      setState({ modelChoice: choice });
      void control.openModel();
    },
  };
}

function createPromptSteps(
  { getState, setState }: AppStore,
  control: Pick<EngineControl, 'run'>,
  chat: Pick<Chat, 'loadTurns'>,
): PromptSteps {
  /** By place: what was answered to the prompts of the present set. */
  let held = new Map<number, Conversation>();

  /** Before another takes its place. */
  function hold(set: PromptSet): void {
    const { conversation } = getState();
    if (conversation.turns[0]?.user === set.prompts[set.at]?.prompt) held.set(set.at, conversation);
  }

  async function show(set: PromptSet, at: number): Promise<void> {
    const entry = set.prompts[at];
    if (!entry) return;
    const before = getState();
    const { selectedStep, shiftLane } = before;
    const form = { prompt: entry.prompt, ...(entry.system === null ? {} : { system: entry.system }) };
    setState({ ...form, promptSet: { ...set, at } });
    const conversation = held.get(at);
    if (conversation) {
      setState({ conversation, shown: ownRun(null), turnEdit: null, inspected: null, pinned: null });
      await chat.loadTurns();
    } else if (set.runsEach) void control.run();
    // A run of its own has begun by now, or its turns are loaded.
    setState({ selectedStep, shiftLane, ...pinAgain(before, getState()) });
  }

  return {
    begin(name, prompts) {
      held = new Map();
      const set = { name, prompts: [...prompts], at: 0, runsEach: getState().promptSet?.runsEach ?? true };
      const [first] = prompts;
      if (!first) return;
      setState({
        promptSet: set,
        prompt: first.prompt,
        ...(first.system === null ? {} : { system: first.system }),
        dialog: null,
        shownPane: 'prompt',
      });
    },
    async goTo(at) {
      const { promptSet } = getState();
      if (!promptSet || at === promptSet.at || isRunning(shownRun(getState()))) return;
      hold(promptSet);
      await show(promptSet, at);
    },
    setRunsEach: (runsEach) =>
      setState(({ promptSet }) => ({ promptSet: promptSet && { ...promptSet, runsEach } })),
    end() {
      const { promptSet } = getState();
      if (!promptSet) return;
      const back = () => setState({ promptSet });
      setState({ promptSet: null, ...toastOf(`Put the prompts ${promptSet.name} away.`, back) });
    },
  };
}

/** The same token of the same lane, in the answer to the prompt that is shown now. */
function pinAgain({ pinned }: AppState, now: AppState): Partial<AppState> {
  const turn = now.conversation.turns.at(-1);
  const runId = pinned && turn?.answers[pinned.lane]?.runId;
  if (!pinned || !turn || !runId) return {};
  // What is pinned comes into sight, and the pane was chosen.
  return { pinned: { ...pinned, turn: turn.id, runId } };
}
