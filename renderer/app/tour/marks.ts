/** What the tour tells of, and where each mark is. */
import type { AppState } from '../../state/app-state';
import type { AppStore } from '../../state/store';
import { type Mark, TOUR_BEGUN } from '../../state/window-state';

interface MarkText {
  readonly title: string;
  readonly text: string;
}

export const MARK_TEXTS: Readonly<Record<Mark, MarkText>> = {
  model: {
    title: 'The model',
    text: 'A small starter model is open. Others open from a folder, from this machine’s caches or from the hub; what was open before is listed too.',
  },
  prompt: {
    title: 'The prompt',
    text: 'SLOT learns from this text before it answers. Begin with an example: each says what to look for. Run answers in every lane.',
  },
  lanes: {
    title: 'Lanes',
    text: 'Each lane answers the same prompt its own way: the baseline as the model is, SLOT with a delta, or a control. Every change can be undone.',
  },
  answers: {
    title: 'Answers',
    text: 'Lane beside lane, token by token. Colours say what delta did to each token; point at one for its probabilities, and see where lanes part.',
  },
  charts: {
    title: 'Charts',
    text: 'How delta was found step by step, what it does to the whole vocabulary, and one token in full. The slider below moves all of them to a step.',
  },
};

const PANES: Readonly<Record<Mark, AppState['shownPane'] | null>> = {
  model: null,
  prompt: 'prompt',
  lanes: 'prompt',
  answers: 'answers',
  charts: 'charts',
};

export function markedElement(mark: Mark): HTMLElement | null {
  return document.querySelector(`[data-mark="${mark}"]`);
}

/** Begins the tour, and has a narrow window show what each mark is on. */
export function startTour({ setState }: AppStore): void {
  setState({ ...TOUR_BEGUN, dialog: null, room: 'workbench' });
}

/** Called for every change of the state. */
export function followTour({ subscribe, setState }: AppStore): () => void {
  return subscribe((state, before) => {
    const pane = state.tour !== before.tour && state.tour !== null ? PANES[state.tour] : null;
    if (pane !== null && pane !== state.shownPane) setState({ shownPane: pane });
  });
}
